package trove

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
)

// ManagedVersion is a version of a datastore as administrators see it. Besides its id, it is identified by the datastore's name, its own
// name and its number.
type ManagedVersion struct {
	ID          string   `json:"id"`
	Datastore   string   `json:"datastore_name"`
	DatastoreID string   `json:"datastore_id"`
	Name        string   `json:"name"`
	Number      string   `json:"version"`
	Manager     string   `json:"datastore_manager"`
	Image       string   `json:"image"`      // the id; "" if it is found by its tags
	ImageTags   []string `json:"image_tags"` // the newest image that has all of these is used
	Packages    []string `json:"packages"`   // that the guest agent installs
	Active      bool     `json:"active"`
	Default     bool     `json:"default"`
	// On releases of Trove that have them: the class of the guest agent's manager, and its replication class. With "" the server chooses
	// by Manager.
	RegistryExt  string `json:"registry_ext"`
	ReplStrategy string `json:"repl_strategy"`
	HasClasses   bool   `json:"-"` // the server shows both
}

// UnmarshalJSON also records whether the server has the classes.
func (v *ManagedVersion) UnmarshalJSON(text []byte) error {
	type plain ManagedVersion
	shown := struct {
		*plain
		Has json.RawMessage `json:"repl_strategy"` // null if shown as null, nil if not shown
	}{plain: (*plain)(v)}
	if err := json.Unmarshal(text, &shown); err != nil {
		return err
	}
	v.HasClasses, v.ReplStrategy = shown.Has != nil, ""
	if v.HasClasses {
		return json.Unmarshal(shown.Has, &v.ReplStrategy)
	}
	return nil
}

// String returns the name of a version for messages.
func (v *ManagedVersion) String() string { return v.Datastore + " " + v.Name }

// settle restores empty lists, which the server shows as one empty string.
func (v *ManagedVersion) settle() {
	for _, list := range []*[]string{&v.ImageTags, &v.Packages} {
		*list = slices.DeleteFunc(*list, func(s string) bool { return s == "" })
	}
}

// Same reports whether both are the same version, by what identifies them besides their ids. The number defaults to the name.
func (v *ManagedVersion) Same(other *ManagedVersion) bool {
	return v.Datastore == other.Datastore && v.Name == other.Name && cmp.Or(v.Number, v.Name) == cmp.Or(other.Number, other.Name)
}

// VersionChange is a change of a version; nil fields stay as they are.
type VersionChange struct {
	Name      *string   `json:"name,omitempty"`
	Manager   *string   `json:"datastore_manager,omitempty"`
	Image     *string   `json:"image,omitempty"`
	ImageTags *[]string `json:"image_tags,omitempty"` // without Image, this also removes the present image
	Packages  *[]string `json:"packages,omitempty"`
	Active    *bool     `json:"active,omitempty"`
	Default   *bool     `json:"default,omitempty"`

	RegistryExt  *string `json:"registry_ext,omitempty"`
	ReplStrategy *string `json:"repl_strategy,omitempty"`
}

// Nothing reports whether it changes nothing.
func (c VersionChange) Nothing() bool { return c == (VersionChange{}) }

// Made reports whether a version already has the changes.
func (v *ManagedVersion) Made(c VersionChange) bool {
	image := ""
	if c.Image != nil {
		image = *c.Image
	}
	return (c.Name == nil || *c.Name == v.Name) && (c.Manager == nil || *c.Manager == v.Manager) &&
		(c.Image == nil && c.ImageTags == nil || image == v.Image) && (c.ImageTags == nil || sameTexts(*c.ImageTags, v.ImageTags)) &&
		(c.Packages == nil || sameTexts(*c.Packages, v.Packages)) && (c.Active == nil || *c.Active == v.Active) && (c.Default == nil || *c.Default == v.Default) &&
		(c.RegistryExt == nil || *c.RegistryExt == v.RegistryExt) && (c.ReplStrategy == nil || *c.ReplStrategy == v.ReplStrategy)
}

// sameTexts compares regardless of the order.
func sameTexts(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

const managedVersions = "datastore-versions"

// ManagedVersions lists the versions of all datastores, including inactive ones. Only administrators may do so.
func (c *Client) ManagedVersions(ctx context.Context) ([]ManagedVersion, error) {
	all, _, err := list[ManagedVersion](ctx, c, "list all datastore versions", "versions", nil, management, managedVersions)
	for n := range all {
		all[n].settle()
	}
	return all, err
}

// PostManagedVersion requests a version, and its datastore if that is new. The server's answer is empty. It refuses a version that exists.
func (c *Client) PostManagedVersion(ctx context.Context, v ManagedVersion) error {
	defer c.forgetDatastores()
	body := map[string]any{
		"datastore_name": v.Datastore, "name": v.Name, "datastore_manager": v.Manager, "active": v.Active, "default": v.Default, "packages": texts(v.Packages),
	}
	for name, text := range map[string]string{"version": v.Number, "image": v.Image, "registry_ext": v.RegistryExt, "repl_strategy": v.ReplStrategy} {
		if text != "" {
			body[name] = text
		}
	}
	if len(v.ImageTags) > 0 {
		body["image_tags"] = v.ImageTags
	}
	return c.send(ctx, "create datastore version "+v.String(), http.MethodPost, map[string]any{"version": body}, management, managedVersions)
}

// texts returns a list that is never null in JSON.
func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// PatchManagedVersion changes a version. It may be sent again.
func (c *Client) PatchManagedVersion(ctx context.Context, id string, change VersionChange) error {
	defer c.forgetDatastores()
	return c.send(ctx, "change datastore version "+id, http.MethodPatch, change, management, managedVersions, id)
}

// DeleteManagedVersion deletes a version. The server refuses that with 400 while an instance, a backup or a configuration group uses it,
// and also if there is no such version.
func (c *Client) DeleteManagedVersion(ctx context.Context, id string) error {
	defer c.forgetDatastores()
	return c.send(ctx, "delete datastore version "+id, http.MethodDelete, nil, management, managedVersions, id)
}

// forgetDatastores drops the cached datastores.
func (c *Client) forgetDatastores() { c.datastores.invalidate(c.datastores.times()) }
