// Package upstream tests the provider against a released Trove: Debian's own python3-trove, API and task manager, behind
// Debian's own Keystone. TROVE_RELEASE says of which release: 18, 23 or 26. Only what lies beneath Trove is imitated, in
// testdata/shim: compute, volumes, networks, keys and the guest agents.
//
// Every case is written once and runs twice: against the sandbox that behaves as that release (TestAccSandbox) and
// against the real one (TestReleasedTrove). Where they do not agree, the sandbox is wrong. Where releases differ, the case
// says what each does: since.
//
// # How to add a case
//
// Add a function to the list of a file named ..._cases_test.go (or begin one, and name its list in cases). It is given a
// [cloud]: a project of its own, with the methods of [acctest.Account] for configurations, checks and changes behind
// Terraform's back, and with fail, heal and limit for what makes a server refuse and fail. What it asserts must hold on both
// servers: no texts that only one of them has, no ids, no counts of requests. Names of instances are free: no other case is
// in that project. The catalogs are alike: flavors 1 to 4, mysql (5.5, 5.7 and 8.0, as mysql-8.0), mariadb-10.11,
// postgresql-16 and couchbase, which does not replicate. Networks are [private] and [other].
//
// A change that fails in the guest agent is told to fail by the agent's call: see calls in clouds_test.go and add yours.
//
//	TF_ACC=1 go test -count=1 ./internal/acctest/upstream -run /one_replica_is_detached    # both servers
//
// What a call answers, word for word, is better said in a conversation: see answers_test.go, and
// answers_of_..._test.go for what there is. A refusal of what comes too early is asked for between hold and resume: how far a server has come by
// itself depends on the machine.
//
// The real server takes some 20 seconds to start, once for all cases, and is gone when the test binary is, however that
// ends. Trove 18 is installed, and 23 and 26 run in root file systems: see the scripts packages and serve. Where there is no
// such Trove its half is left out, and make test says so; with TROVE_UPSTREAM=required that is a failure.
package upstream
