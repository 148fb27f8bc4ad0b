package identity

import "slices"

// The sandbox's projects. Their ids stay the same after a restart, as in a real cloud.
const (
	DemoProjectID  = "d27f0be3556e4a6caf86486f45184fd0"
	OtherProjectID = "3712d78b3b004dff95ebfc2e6005bd9c"
	AdminProjectID = "6a0c4f2e8b1d49739c5e7a3f1d2b8e60"
)

// The sandbox's users, whose passwords are their names.
const (
	DemoUserID  = "5b6d0a4d0c5e4a8c9f0e3d2b7a1c6e48"
	OtherUserID = "9e1f7c3a8d2b4560b4c7d8e9f0a1b2c3"
	AdminUserID = "4c8e2a6f0d1b43957f9a5c3e1b7d2f80"
)

// The application credential of user demo for project demo.
const (
	ApplicationCredentialID     = "c0ffee5a0b1d4e2f8a9b7c6d5e4f3a21"
	ApplicationCredentialName   = "demo"
	ApplicationCredentialSecret = "demo-application-credential"
)

// reference is how Keystone refers to an object: by id, or by name.
type reference struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// names reports whether a request's reference means the object with this id and name.
func (r reference) names(made reference) bool {
	if r.ID != "" {
		return r.ID == made.ID
	}
	return r.Name != "" && r.Name == made.Name
}

// defaultDomain contains all users and projects.
var defaultDomain = reference{ID: "default", Name: "Default"}

// roles are what every user has in its projects, and adminRole is the additional role of an administrator.
var (
	roles = []reference{
		{ID: "1f2e3d4c5b6a49788796a5b4c3d2e1f0", Name: "member"},
		{ID: "2a3b4c5d6e7f40918293a4b5c6d7e8f9", Name: "reader"},
	}
	adminRole = reference{ID: "3b4c5d6e7f80419293a4b5c6d7e8f90a", Name: "admin"}
)

type user struct {
	id       string
	name     string
	password string
	projects []*reference // projects that its tokens may be scoped to
	admin    bool         // it has the role of an administrator in them
}

type applicationCredential struct {
	reference
	secret  string
	user    *user
	project *reference
}

var (
	demoProject  = &reference{ID: DemoProjectID, Name: "demo"}
	otherProject = &reference{ID: OtherProjectID, Name: "other"}
	adminProject = &reference{ID: AdminProjectID, Name: "admin"}

	demo  = &user{id: DemoUserID, name: "demo", password: "demo", projects: []*reference{demoProject}}
	other = &user{id: OtherUserID, name: "other", password: "other", projects: []*reference{otherProject}}
	admin = &user{id: AdminUserID, name: "admin", password: "admin", projects: []*reference{adminProject, demoProject}, admin: true}

	users       = []*user{demo, other, admin}
	credentials = []*applicationCredential{{
		reference: reference{ID: ApplicationCredentialID, Name: ApplicationCredentialName},
		secret:    ApplicationCredentialSecret,
		user:      demo,
		project:   demoProject,
	}}
)

// userRequest names a user by id, or by name and domain.
type userRequest struct {
	reference
	Domain   *reference `json:"domain"`
	Password string     `json:"password"`
}

// roles returns the roles that the user has in each of its projects.
func (u *user) roles() []reference {
	if u.admin {
		return append(slices.Clone(roles), adminRole)
	}
	return roles
}

// find returns the user that the request means, or nil.
func (q *userRequest) find() (*user, *failure) {
	if q == nil || q.ID == "" && q.Name == "" {
		return nil, missing("id or name", "user")
	}
	if f := inDefaultDomain(q.reference, q.Domain, "user"); f != nil {
		return nil, f
	}
	i := slices.IndexFunc(users, func(u *user) bool { return q.names(reference{u.id, u.name}) })
	if i < 0 {
		return nil, unauthenticated
	}
	return users[i], nil
}

// inDefaultDomain checks the domain, which a name needs and an id does not.
func inDefaultDomain(what reference, domain *reference, kind string) *failure {
	switch {
	case what.ID != "":
		return nil
	case domain == nil || *domain == reference{}:
		return missing("domain", kind)
	case !domain.names(defaultDomain):
		return unauthenticated
	}
	return nil
}

// ProjectName returns the name of a project, "" if there is none with that id.
func ProjectName(id string) string {
	for _, u := range users {
		for _, p := range u.projects {
			if p.ID == id {
				return p.Name
			}
		}
	}
	return ""
}
