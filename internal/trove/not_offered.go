package trove

import (
	"errors"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
)

// NotOfferedError says that the server has no such part of the API: it answers that it does not know the path of what every project has.
// It is not an openstack.ErrNotFound, since nothing may be concluded from it about what the project has.
type NotOfferedError struct {
	What  string // such as "volume types"
	Cause error  // the server's answer
}

func (e *NotOfferedError) Error() string {
	return "this Trove does not offer " + e.What + ": " + e.Cause.Error()
}

// orNotOffered makes of a 404 for what every project has a *NotOfferedError; what names it.
func orNotOffered(what string, err error) error {
	if errors.Is(err, openstack.ErrNotFound) {
		return &NotOfferedError{What: what, Cause: err}
	}
	return err
}
