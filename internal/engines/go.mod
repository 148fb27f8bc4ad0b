// The real database servers of the sandbox have a module of their own, so that the provider's go.mod names only what the provider needs.
module github.com/opentrove/terraform-provider-trove/internal/engines

go 1.26.0

replace github.com/opentrove/terraform-provider-trove => ../..

require (
	github.com/go-sql-driver/mysql v1.10.1
	github.com/opentrove/terraform-provider-trove v0.0.0-00010101000000-000000000000
	github.com/redis/go-redis/v9 v9.23.0
)

require (
	filippo.io/edwards25519 v1.2.0 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
)
