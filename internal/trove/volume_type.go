package trove

import "context"

// VolumeType is a type of volume that instances can have.
type VolumeType struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"` // "" if there is none
	Public      *bool  `json:"is_public"`   // nil if the server does not show it
}

// VolumeTypes lists the types of volume that instances of a datastore version can have. Trove has no list of all types.
func (c *Client) VolumeTypes(ctx context.Context, v *DatastoreVersion) ([]VolumeType, error) {
	all, _, err := list[VolumeType](ctx, c, "list the volume types of "+v.DatastoreName+" "+v.Name, "volume_types", nil,
		"datastores", v.DatastoreID, "versions", v.ID, "volume-types")
	return all, orNotOffered("volume types", err)
}
