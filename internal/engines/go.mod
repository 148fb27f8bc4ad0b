// The real database servers of the sandbox have a module of their own, so that the provider's go.mod names only what the provider needs.
module github.com/opentrove/terraform-provider-trove/internal/engines

go 1.26.0

require (
	github.com/go-sql-driver/mysql v1.10.1
	github.com/jackc/pgx/v5 v5.13.0
	github.com/opentrove/terraform-provider-trove v0.0.0
	github.com/redis/go-redis/v9 v9.23.0
)

replace github.com/opentrove/terraform-provider-trove => ../..
