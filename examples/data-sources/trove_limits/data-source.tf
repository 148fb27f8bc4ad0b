data "trove_limits" "project" {}

output "instances" {
  value = data.trove_limits.project.max_instances
}
