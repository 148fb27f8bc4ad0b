package openstack

import "context"

// Project is the project a session is signed in to.
type Project struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// String returns the project's name and id.
func (p Project) String() string {
	if p.Name == "" {
		return p.ID
	}
	return p.Name + " (" + p.ID + ")"
}

// Project returns the project of the session, as the identity service names it; the zero value if the token has none. It signs in if
// needed.
func (s *Session) Project(ctx context.Context) (Project, error) {
	g, err := s.grant(ctx, "")
	if err != nil {
		return Project{}, err
	}
	return Project{ID: g.projectID, Name: g.project}, nil
}
