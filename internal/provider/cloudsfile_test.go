package provider

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSecureGoesBeforeCloudsAndThatBeforeItsProfile(t *testing.T) {
	env := set{}.inFiles(t, set{
		"clouds.yaml": `
clouds:
  mine:
    profile: vendor
    region_name: own-region
    auth: {username: u, password: in-clouds, domain_name: Corp}
    regions: [one, {name: two}]
`,
		"secure.yaml":        `{clouds: {mine: {auth: {password: in-secure}}, other: {auth: {password: x}}}}`,
		"clouds-public.yaml": `{public-clouds: {vendor: {auth: {auth_url: "https://vendor/v3", username: nobody}, region_name: vendor-region, cacert: /vendor/ca.pem}}}`,
	})
	got, err := readCloud("mine", env.getenv)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"auth_url": "https://vendor/v3", "username": "u", "password": "in-secure", "region": "own-region", "cacert_file": "/vendor/ca.pem",
		"domain_name": "Corp", "user_domain_name": "Corp", "project_domain_name": "Corp",
	}
	if diff := cmp.Diff(want, got.values); diff != "" {
		t.Errorf("unexpected values (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(got.name, `cloud "mine" of `) {
		t.Errorf("it is called %q", got.name)
	}
}

func TestAnEntryWithoutAnAuthSectionIsNoAccident(t *testing.T) {
	env := set{}.inFiles(t, set{"clouds.yaml": `{clouds: {bare: {region_name: r, verify: true, endpoint_type: admin, interface: public}}}`})
	got, err := readCloud("bare", env.getenv)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"region": "r", "insecure": "false", "endpoint_type": "admin"}
	if diff := cmp.Diff(want, got.values); diff != "" {
		t.Errorf("unexpected values (-want +got):\n%s", diff)
	}
}

func TestCloudsIsLookedForWhereOpenStacksToolsDo(t *testing.T) {
	write := func(dir, cloud string) {
		t.Helper()
		err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "clouds.yaml"), []byte(`{clouds: {`+cloud+`: {region_name: r}}}`), 0o600))
		if err != nil {
			t.Fatal(err)
		}
	}
	home, xdg, cwd, named := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	t.Chdir(cwd)
	env := set{"HOME": home}
	// Each file goes before those that were written earlier.
	for _, step := range []struct {
		dir, cloud string
		env        set
	}{
		{filepath.Join(home, ".config", "openstack"), "at-home", nil},
		{filepath.Join(xdg, "openstack"), "in-xdg", set{"XDG_CONFIG_HOME": xdg}},
		{cwd, "here", nil},
		{named, "named", set{"OS_CLIENT_CONFIG_FILE": filepath.Join(named, "clouds.yaml")}},
	} {
		write(step.dir, step.cloud)
		env = env.with(step.env)
		if _, err := readCloud(step.cloud, env.getenv); err != nil {
			t.Errorf("%s: %v", step.cloud, err)
		}
	}
}

func TestBrokenFilesAreNamed(t *testing.T) {
	good := "{clouds: {c: {region_name: r}}}"
	tests := map[string]struct {
		files set
		text  string
	}{
		"clouds.yaml":          {set{"clouds.yaml": "clouds: [}"}, "clouds.yaml is not valid"},
		"its entry":            {set{"clouds.yaml": "{clouds: {c: {auth: hunter2}}}"}, `cloud "c" of `},
		"an anchor by mistake": {set{"clouds.yaml": "clouds: {c: {auth: {password: *hunter2}}}"}, "clouds.yaml is not valid"},
		"secure.yaml":          {set{"clouds.yaml": good, "secure.yaml": "clouds: [}"}, "secure.yaml is not valid"},
		"a profile's file":     {set{"clouds.yaml": "{clouds: {c: {profile: vendor}}}"}, `has the profile "vendor"`},
		"an entry of nothing":  {set{"clouds.yaml": "{clouds: {c: }}"}, `has no cloud "c"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := readCloud("c", set{}.inFiles(t, test.files).getenv)
			if err == nil || !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := readCloud("c", set{"OS_CLIENT_CONFIG_FILE": t.TempDir() + "/none.yaml"}.getenv); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
}
