package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong with clouds.yaml is said without any value that stands in it: it may be a password in the wrong place.
func FuzzCloudsFile(f *testing.F) {
	const secret = "hunter2-hunter2"
	for _, text := range []string{
		"clouds:\n  mine:\n    auth:\n      password: SECRET\n", "clouds:\n  mine:\n    auth: SECRET\n", "clouds:\n  mine: SECRET\n", "clouds: SECRET\n", "SECRET",
		"clouds:\n  mine:\n    auth: !SECRET x\n", "clouds:\n  mine:\n    verify: SECRET\n", "clouds:\n  mine:\n    auth: [SECRET]\n", "clouds: {mine: {auth: {password: 'SECRET", "clouds:\n\tmine: SECRET",
		"clouds:\n  mine: &SECRET\n    auth: *SECRET\n", "clouds:\n  mine:\n    <<: SECRET\n", "clouds:\n  mine:\n    auth:\n      password: SECRET\n      password: SECRET\n", "%SECRET\n---\n",
	} {
		f.Add(text)
	}
	path := filepath.Join(f.TempDir(), "clouds.yaml")
	getenv := func(name string) string {
		if name == "OS_CLIENT_CONFIG_FILE" {
			return path
		}
		return ""
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ReplaceAll(text, "SECRET", secret)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readCloud("mine", getenv); err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %v", text, err)
		}
	})
}
