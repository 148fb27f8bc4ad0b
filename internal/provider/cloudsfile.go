package provider

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"gopkg.in/yaml.v2"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// cloudsFile is a clouds.yaml, secure.yaml or clouds-public.yaml. Its entries are decoded one over the other.
type cloudsFile struct {
	Clouds map[string]entry `yaml:"clouds"`
	Public map[string]entry `yaml:"public-clouds"`
}

// entry decodes a cloud over what was decoded before.
type entry func(any) error

// UnmarshalYAML implements yaml.Unmarshaler.
func (e *entry) UnmarshalYAML(unmarshal func(any) error) error {
	*e = unmarshal
	return nil
}

// cloudEntry is an entry of clouds.yaml: gophercloud's own, and a key that gophercloud does not have.
type cloudEntry struct {
	clouds.Cloud             `yaml:",inline"`
	DatabaseEndpointOverride string `yaml:"database_endpoint_override"`
}

// noCloudError says that a file does not have this entry.
type noCloudError struct {
	path, name string
	has        []string
}

func (e *noCloudError) Error() string {
	return fmt.Sprintf("%s has no cloud %q, it has %s.%s", e.path, e.name, strings.Join(e.has, ", "), tfkit.DidYouMean(e.name, e.has))
}

// readCloud returns the level of an entry of clouds.yaml: secure.yaml over clouds.yaml over the profile in clouds-public.yaml.
//
// It searches and merges as gophercloud's clouds.Parse does, and fills the same types. Parse itself cannot be used: it mixes in environment
// variables without regard to the provider's own order, and returns the contents of the file only as the result of that.
func readCloud(name string, getenv func(string) string) (level, error) {
	locations := cloudsLocations(getenv)
	main, path, err := readFirst(locations)
	if err != nil {
		return level{}, err
	}
	own, ok := main.Clouds[name]
	if !ok || own == nil {
		return level{}, &noCloudError{path, name, slices.Sorted(maps.Keys(main.Clouds))}
	}
	securePath := filepath.Join(filepath.Dir(path), "secure.yaml")
	secure, _, err := readFirst([]string{securePath})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return level{}, err
	}
	var cloud cloudEntry
	if err := own(&cloud); err != nil {
		return level{}, fmt.Errorf("cloud %q of %s cannot be read: %w", name, path, withoutValues(err))
	}
	profile := cloud.Profile
	if profile == "" {
		profile = cloud.Cloud.Cloud
	}
	layers := []entry{own, secure.Clouds[name]}
	if profile != "" {
		public, _, err := readFirst(publicLocations(locations))
		if err != nil {
			return level{}, fmt.Errorf("cloud %q of %s has the profile %q: %w", name, path, profile, err)
		}
		layers = []entry{public.Public[profile], own, secure.Clouds[name]}
	}
	cloud = cloudEntry{}
	for _, layer := range layers {
		if layer == nil {
			continue
		}
		if err := layer(&cloud); err != nil {
			return level{}, fmt.Errorf("cloud %q of %s cannot be read: %w", name, path, withoutValues(err))
		}
	}
	if secure.Clouds[name] != nil {
		path += " and secure.yaml"
	}
	return cloud.level(fmt.Sprintf("cloud %q of %s", name, path)), nil
}

// cloudsLocations returns the paths at which clouds.yaml may be.
func cloudsLocations(getenv func(string) string) []string {
	if path := getenv("OS_CLIENT_CONFIG_FILE"); path != "" {
		return []string{path}
	}
	config := getenv("XDG_CONFIG_HOME")
	if config == "" {
		config = filepath.Join(getenv("HOME"), ".config")
	}
	return []string{"clouds.yaml", filepath.Join(config, "openstack", "clouds.yaml"), "/etc/openstack/clouds.yaml"}
}

// publicLocations returns the paths of the files of profiles, next to those of clouds.yaml.
func publicLocations(locations []string) []string {
	public := make([]string, len(locations))
	for i, l := range locations {
		public[i] = filepath.Join(filepath.Dir(l), "clouds-public.yaml")
	}
	return public
}

// readFirst reads the first of the files that exists.
func readFirst(paths []string) (cloudsFile, string, error) {
	for _, path := range paths {
		content, err := openstack.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return cloudsFile{}, path, err
		}
		var file cloudsFile
		if err := yaml.Unmarshal(content, &file); err != nil {
			return cloudsFile{}, path, fmt.Errorf("%s is not valid: %w", path, withoutValues(err))
		}
		return file, path, nil
	}
	return cloudsFile{}, "", fmt.Errorf("none of these files exists: %q: %w", paths, fs.ErrNotExist)
}

// quoted matches what the YAML reader quotes from the file in its errors, and the names of our types.
var quoted = regexp.MustCompile("`[^`]*`( into [a-zA-Z.]+)?|'[^']*'")

// tagged matches the tag in an error, which is from the file if it is not one of YAML's own.
var tagged = regexp.MustCompile(`(cannot unmarshal )(\S+)`)

// withoutValues removes from a YAML error what it quotes from the file, which may be a password in the wrong place.
func withoutValues(err error) error {
	text := quoted.ReplaceAllString(err.Error(), "(a value)")
	return errors.New(tagged.ReplaceAllStringFunc(text, func(found string) string {
		tag := tagged.FindStringSubmatch(found)
		if slices.Contains([]string{"!!str", "!!seq", "!!map", "!!int", "!!bool", "!!float", "!!null", "!!timestamp"}, tag[2]) {
			return found
		}
		return tag[1] + "(a value)"
	}))
}

// level returns the entry's settings under the names of the provider block.
func (c cloudEntry) level(name string) level {
	l := level{name: name, values: map[string]string{}}
	l.set("auth_type", string(c.AuthType))
	l.set("region", c.RegionName)
	l.set("endpoint_type", c.Interface)
	l.set("endpoint_type", c.EndpointType)
	l.set("endpoint_override", c.DatabaseEndpointOverride)
	l.set("cacert_file", c.CACertFile)
	l.set("cert", c.ClientCertFile)
	l.set("key", c.ClientKeyFile)
	if c.Verify != nil {
		l.set("insecure", map[bool]string{true: "false", false: "true"}[*c.Verify])
	}
	if auth := c.AuthInfo; auth != nil {
		l.set("auth_url", auth.AuthURL)
		l.set("username", auth.Username)
		l.set("user_id", auth.UserID)
		l.set("password", auth.Password)
		l.set("token", auth.Token)
		l.set("application_credential_id", auth.ApplicationCredentialID)
		l.set("application_credential_name", auth.ApplicationCredentialName)
		l.set("application_credential_secret", auth.ApplicationCredentialSecret)
		l.set("project_name", auth.ProjectName)
		l.set("project_id", auth.ProjectID)
		l.set("user_domain_name", auth.UserDomainName)
		l.set("user_domain_id", auth.UserDomainID)
		l.set("project_domain_name", auth.ProjectDomainName)
		l.set("project_domain_id", auth.ProjectDomainID)
		l.set("domain_name", auth.DomainName)
		l.set("domain_id", auth.DomainID)
		l.set("default_domain", auth.DefaultDomain)
	}
	l.shareDomain()
	return l
}
