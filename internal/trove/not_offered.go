package trove

import (
	"errors"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
)

// NotOfferedError says that the server lacks this part of the API: it does not know a path that every project has. It is not an
// openstack.ErrNotFound, since it says nothing about what the project has.
type NotOfferedError struct {
	What  string // such as "volume types"
	Cause error  // the server's answer
}

func (e *NotOfferedError) Error() string {
	return "this Trove does not offer " + e.What + ": " + e.Cause.Error()
}

// orNotOffered turns a 404 for something that every project has into a *NotOfferedError; what names it.
func orNotOffered(what string, err error) error {
	if errors.Is(err, openstack.ErrNotFound) {
		return &NotOfferedError{What: what, Cause: err}
	}
	return err
}
