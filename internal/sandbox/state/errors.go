package state

import (
	"fmt"
	"net/http"
)

// Error is a refusal in Trove's own form: {"<Fault>": {"code": Code, "message": Message}} (topology API, section 1).
type Error struct {
	Code    int
	Fault   string
	Message string
}

func (e *Error) Error() string { return e.Message }

func refuse(code int, fault, format string, args ...any) *Error {
	return &Error{Code: code, Fault: fault, Message: fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) *Error {
	return refuse(http.StatusBadRequest, "badRequest", format, args...)
}

// internal is Trove's answer to an unhandled error.
func internal() *Error {
	return refuse(http.StatusInternalServerError, "instanceFault", "Internal Server Error. Please keep this ID to help us figure out what went wrong: (%s).", newID())
}

func unauthorized(format string, args ...any) *Error {
	return refuse(http.StatusUnauthorized, "unauthorized", format, args...)
}

func forbidden(format string, args ...any) *Error {
	return refuse(http.StatusForbidden, "forbidden", format, args...)
}

func notFound(format string, args ...any) *Error {
	return refuse(http.StatusNotFound, "itemNotFound", format, args...)
}

// noResource is Trove's message that an instance or flavor does not exist in the project.
func noResource(id string) *Error { return notFound("Resource %s cannot be found.", id) }

func conflict(format string, args ...any) *Error {
	return refuse(http.StatusConflict, "conflict", format, args...)
}

func overLimit(format string, args ...any) *Error {
	return refuse(http.StatusRequestEntityTooLarge, "overLimit", format, args...)
}

func unprocessable(format string, args ...any) *Error {
	return refuse(http.StatusUnprocessableEntity, "unprocessableEntity", format, args...)
}
