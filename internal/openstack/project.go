package openstack

import "context"

// Project is the project that a session is signed in to.
type Project struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// String names a project by its name and its id.
func (p Project) String() string {
	if p.Name == "" {
		return p.ID
	}
	return p.Name + " (" + p.ID + ")"
}

// Project is the project of the session, as the identity service tells it; the zero value if the token has none. It signs in if that
// has not happened yet.
func (s *Session) Project(ctx context.Context) (Project, error) {
	g, err := s.grant(ctx, "")
	if err != nil {
		return Project{}, err
	}
	return Project{ID: g.projectID, Name: g.project}, nil
}
