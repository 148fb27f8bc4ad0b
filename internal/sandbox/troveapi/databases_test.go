package troveapi_test

import (
	"fmt"
	"testing"
)

func TestDatabasesUsersAndRights(t *testing.T) {
	s := newServer(t)
	id := s.built(mysql)
	databases, users := "/instances/"+id+"/databases", "/instances/"+id+"/users"
	s.want("POST", databases, `{"databases": [{"name": "aa", "character_set": "utf8", "collate": "utf8_general_ci"}, {"name": "bb"}]}`, 202, "")
	for body, message := range map[string]string{
		`{"databases": [{"name": "cc"}, {"name": "aa"}]}`: `A database with the name "aa" already exists.`,
		`{"databases": [{"name": "a"}]}`:                  `'a' is not a valid schema name.`,
		`{"databases": [{"name": "mysql"}]}`:              `Database name "mysql" is on the reserved list: ['mysql', 'information_schema', 'performance_schema', 'sys'].`,
	} {
		s.wantFault("POST", databases, body, 400, "badRequest", message)
	}
	s.want("GET", databases, "", 200, `{"databases": [{"name": "aa"}, {"name": "bb"}]}`)
	s.want("GET", databases+"?limit=1", "", 200, `{"databases": [{"name": "aa"}], "links": [{"rel": "next", "href": "https://trove.test/v1.0/demo`+databases+`?limit=1&marker=aa"}]}`)
	s.want("GET", databases+"?limit=1&marker=aa", "", 200, `{"databases": [{"name": "bb"}]}`)

	s.want("POST", users, `{"users": [{"name": "u1", "password": "p1", "databases": [{"name": "aa"}]}, {"name": "u2", "password": "p2", "host": "10.0.0.1"}]}`, 202, "")
	for body, message := range map[string]string{
		`{"users": [{"name": "u1", "password": "p1"}]}`:                   `A user with the name "u1" already exists.`,
		`{"users": [{"name": "root", "password": "p1"}]}`:                 `User create error: User name "root" is on the reserved list: ['os_admin', 'root'].`,
		`{"users": [{"name": "averyveryverylongname", "password": "p"}]}`: `User create error: User name 'averyveryverylongname' is too long. Max length = 16.`,
		`{"users": [{"name": "nopw"}]}`:                                   `Validation error: users[0] 'password' is a required property`,
	} {
		s.wantFault("POST", users, body, 400, "badRequest", message)
	}
	const u1 = `{"name": "u1", "host": "%", "databases": [{"name": "aa"}]}`
	const u2 = `{"name": "u2", "host": "10.0.0.1", "databases": []}`
	s.want("GET", users, "", 200, `{"users": [`+u1+`, `+u2+`]}`)
	s.want("GET", users+"/u1", "", 200, `{"user": `+u1+`}`)
	s.want("GET", users+"/u2@10.0.0.1", "", 200, `{"user": `+u2+`}`)
	s.want("GET", users+"/u2%4010%2e0%2e0%2e1", "", 200, `{"user": `+u2+`}`)
	s.wantFault("GET", users+"/u2", "", 404, "itemNotFound", "User u2 cannot be found on the instance.")

	s.want("PUT", users+"/u1/databases", `{"databases": [{"name": "bb"}]}`, 202, "")
	s.want("GET", users+"/u1/databases", "", 200, `{"databases": [{"name": "aa"}, {"name": "bb"}]}`)
	s.want("PUT", users+"/u1/databases", `{"databases": [{"name": "zz"}, {"name": "zz"}]}`, 202, "") // Trove does not look whether it exists
	s.want("DELETE", users+"/u1/databases/zz", "", 202, "")
	s.want("DELETE", users+"/u1/databases/bb", "", 202, "")
	s.wantFault("DELETE", users+"/u1/databases/bb", "", 404, "itemNotFound", "Database bb cannot be found on the instance.")
	s.want("PUT", users+"/u1", `{"user": {"password": "new"}}`, 202, "")
	s.want("PUT", users, `{"users": [{"name": "u1", "password": "newer"}]}`, 202, "")
	if u, err := s.state.User("demo", id, "u1"); err != nil || u.Password != "newer" {
		t.Errorf("the password is %q, %v", u.Password, err)
	}
	s.want("PUT", users+"/u1", `{"user": {"name": "u1b"}}`, 202, "")
	s.want("DELETE", databases+"/aa", "", 202, "")
	s.wantFault("DELETE", databases+"/aa", "", 404, "itemNotFound", "Database aa cannot be found on the instance.")
	s.want("GET", users+"/u1b/databases", "", 200, `{"databases": []}`)
	s.want("DELETE", users+"/u1b", "", 202, "")
	s.wantFault("DELETE", users+"/u1b", "", 404, "itemNotFound", "User u1b cannot be found on the instance.")
}

func TestUsersAreRenamed(t *testing.T) {
	s := newServer(t)
	id := s.built(mysql)
	users := "/instances/" + id + "/users"
	s.want("POST", "/instances/"+id+"/databases", `{"databases": [{"name": "aa"}]}`, 202, "")
	s.want("POST", users, `{"users": [{"name": "u", "password": "p", "databases": [{"name": "aa"}]}, {"name": "v", "password": "p", "host": "10.0.0.1"}]}`, 202, "")
	const taken = `A user with the name "%s" already exists.`
	for body, message := range map[string]string{
		`{"user": {}}`:                                `Validation error: user {} does not have enough properties`,
		`{"user": {"name": ""}}`:                      `Validation error: user['name'] '' is too short; user['name'] '' does not match '^.*[0-9a-zA-Z]+.*$'`,
		`{"user": {"host": "10.0.0.0/24"}}`:           `Validation error: user['host'] '10.0.0.0/24' does not match '^[%]?[\\w(-).]*[%]?$'`,
		`{"user": {"host": "db.example.org"}}`:        `User update error: 'db.example.org' is not a valid hostname.`,
		`{"user": {"name": "root"}}`:                  `User update error: User name "root" is on the reserved list: ['os_admin', 'root'].`,
		`{"user": {"name": "u"}}`:                     fmt.Sprintf(taken, "u"),
		`{"user": {"host": "%"}}`:                     fmt.Sprintf(taken, "u"),
		`{"user": {"name": "v", "host": "10.0.0.1"}}`: fmt.Sprintf(taken, "v"),
	} {
		s.wantFault("PUT", users+"/u", body, 400, "badRequest", message)
	}
	s.want("PUT", users+"/u", `{"user": {"name": "w x", "password": "q", "other": true}}`, 202, "")
	s.wantFault("GET", users+"/u", "", 404, "itemNotFound", "User u cannot be found on the instance.")
	s.want("GET", users+"/w%20x", "", 200, `{"user": {"name": "w x", "host": "%", "databases": [{"name": "aa"}]}}`)
	if u, err := s.state.User("demo", id, "w x"); err != nil || u.Password != "q" {
		t.Errorf("the password is %q, %v", u.Password, err)
	}
	// The marker is quoted twice, and read once.
	s.want("POST", users, `{"users": [{"name": "z", "password": "p"}]}`, 202, "")
	s.want("GET", users+"?limit=2", "", 200, `{"users": [{"name": "v", "host": "10.0.0.1", "databases": []}, {"name": "w x", "host": "%", "databases": [{"name": "aa"}]}], `+
		`"links": [{"rel": "next", "href": "https://trove.test/v1.0/demo`+users+`?limit=2&marker=w%2520x%2540%2525"}]}`)
	s.want("GET", users+"?limit=2&marker=w%20x%40%25", "", 200, `{"users": [{"name": "z", "host": "%", "databases": []}]}`)
}

func TestDatabasesAndUsersOfACreation(t *testing.T) {
	s := newServer(t)
	id := s.built(`{"instance": {"name": "x", "flavorRef": "2", "volume": {"size": 1}, "databases": [{"name": "app"}], "users": [{"name": "u", "password": "p", "databases": [{"name": "app"}]}]}}`)
	s.want("GET", "/instances/"+id+"/users", "", 200, `{"users": [{"name": "u", "host": "%", "databases": [{"name": "app"}]}]}`)
}

func TestRoot(t *testing.T) {
	s := newServer(t)
	path := "/instances/" + s.built(mysql) + "/root"
	s.want("GET", path, "", 200, `{"rootEnabled": false}`)
	s.wantFault("DELETE", path, "", 404, "itemNotFound", "Root user has never been enabled on the instance.")
	code, answer := s.do("POST", path, "")
	if password, _ := at(answer, "user", "password").(string); code != 200 || at(answer, "user", "name") != "root" || len(password) != 32 {
		t.Errorf("status %d, body %v", code, answer)
	}
	s.want("POST", path, `{"password": "mine"}`, 200, `{"user": {"name": "root", "password": "mine"}}`)
	s.want("DELETE", path, "", 204, "")
	s.want("GET", path, "", 200, `{"rootEnabled": true}`)
}

func TestDatabasesOfAnInstanceThatHasNoneOrIsNotReady(t *testing.T) {
	s := newServer(t)
	redis := s.built(`{"instance": {"name": "r", "flavorRef": "2", "volume": {"size": 1}, "datastore": {"type": "redis"}}}`)
	building := s.create(mysql)
	for request, body := range map[[2]string]string{
		{"GET", "/users"}: "", {"POST", "/databases"}: `{"databases": [{"name": "aa"}]}`, {"POST", "/root"}: "", {"GET", "/root"}: "", {"DELETE", "/users/x"}: "",
	} {
		s.wantFault(request[0], "/instances/"+redis+request[1], body, 422, "unprocessableEntity", "Operation not supported for datastore redis.")
		s.wantFault(request[0], "/instances/"+building+request[1], body, 422, "unprocessableEntity", "Instance "+building+" is not ready.")
		s.wantFault(request[0], "/instances/nobody"+request[1], body, 404, "itemNotFound", "Resource nobody cannot be found.")
	}
}

// All of these were seen on a released Trove.
func TestRefusalsOfDatabasesAndUsers(t *testing.T) {
	s := newServer(t)
	id := s.built(mysql)
	databases, users := "/instances/"+id+"/databases", "/instances/"+id+"/users"
	for body, message := range map[string]string{
		`{"databases": [{"name": "x.y"}]}`: `'x.y' is not a valid schema name.`,
		`{"databases": [{"name": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}]}`: `Schema name 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' is too long. Max length = 64.`,
		`{"databases": [{"name": "cs", "character_set": "nope"}]}`:                                       `'nope' not a valid character set.`,
		`{"databases": [{"name": "cs", "collate": "nope"}]}`:                                             `'nope' not a valid collation.`,
		`{"databases": [{"name": "cs", "character_set": "latin1", "collate": "utf8_general_ci"}]}`:       `utf8_general_ci not a valid collation for charset latin1.`,
		`{"databases": [{"name": "dup"}, {"name": "dup"}]}`:                                              `Two or more databases share the same name in the initial databases list. Please correct the names or remove the duplicate entries.`,
	} {
		s.wantFault("POST", databases, body, 400, "badRequest", message)
	}
	s.wantFault("DELETE", databases+"/mysql", "", 400, "badRequest", `Database delete error: Cannot delete database: Database name "mysql" is on the reserved list: ['mysql', 'information_schema', 'performance_schema', 'sys'].`)
	for body, message := range map[string]string{
		`{"users": [{"name": "a/b", "password": "pw"}]}`:                    `User create error: 'a/b' is not a valid user name.`,
		`{"users": [{"name": "h", "password": "pw", "host": "localhost"}]}`: `User create error: 'localhost' is not a valid hostname.`,
		`{"users": [{"name": "w", "password": "p,w"}]}`:                     `User create error: 'p,w' is not a valid password.`,
	} {
		s.wantFault("POST", users, body, 400, "badRequest", message)
	}
	s.want("POST", users, `{"users": [{"name": "a.json", "password": "pw"}, {"name": "a@b", "password": "pw"}, {"name": "a%41", "password": "pw"}, {"name": "u", "password": "pw", "host": "10.0.0.%"}]}`, 202, "")
	for path, name := range map[string]string{"a%252ejson%2540%2525": "a.json", "a@b@%25": "a@b", "a%252541%2540%2525": "a%41"} {
		s.want("GET", users+"/"+path, "", 200, `{"user": {"name": "`+name+`", "host": "%", "databases": []}}`)
	}
	s.want("GET", users+"/u%254010%252e0%252e0%252e%2525", "", 200, `{"user": {"name": "u", "host": "10.0.0.%", "databases": []}}`)
	s.wantFault("GET", users+"/a@b", "", 400, "badRequest", `User show error: 'b' is not a valid hostname.`)
	s.wantFault("GET", users+"/root", "", 400, "badRequest", `User show error: User name "root" is on the reserved list: ['os_admin', 'root'].`)
	s.wantFault("PUT", users, `{"users": [{"name": "u", "password": "pnew"}]}`, 404, "itemNotFound", "User u@% cannot be found on the instance.")
	s.wantFault("PUT", users, `{"users": [{"name": "u", "host": "10.0.0.%", "password": "p,w"}]}`, 400, "badRequest", `Error loading user: 'p,w' is not a valid password.`)
}

func TestDatabasesWhileTheInstanceIsBusy(t *testing.T) {
	s := newServer(t)
	id := s.built(mysql)
	for action, status := range map[string]string{`{"restart": {}}`: "restarting", `{"resize": {"flavorRef": "3"}}`: "shutdown"} {
		s.want("POST", "/instances/"+id+"/action", action, 202, "")
		s.wantFault("GET", "/instances/"+id+"/users", "", 422, "unprocessableEntity", "Instance "+id+" is not ready, status: "+status+".")
		s.wantFault("POST", "/instances/"+id+"/databases", `{"databases": [{"name": "mysql"}]}`, 400, "badRequest", `Database name "mysql" is on the reserved list: ['mysql', 'information_schema', 'performance_schema', 'sys'].`)
		s.pass(actionTime)
		s.want("GET", "/instances/"+id+"/users", "", 200, `{"users": []}`)
	}
	// Making a replica backs its source up, meanwhile the source serves; the replica has what the source has.
	s.want("POST", "/instances/"+id+"/databases", `{"databases": [{"name": "aa"}]}`, 202, "")
	replica := s.create(`{"instance": {"name": "r", "replica_of": "` + id + `"}}`)
	s.want("POST", "/instances/"+id+"/databases", `{"databases": [{"name": "bb"}]}`, 202, "")
	s.pass(buildTime)
	s.want("POST", "/instances/"+id+"/databases", `{"databases": [{"name": "cc"}]}`, 202, "")
	s.want("GET", "/instances/"+replica+"/databases", "", 200, `{"databases": [{"name": "aa"}, {"name": "bb"}, {"name": "cc"}]}`)
}
