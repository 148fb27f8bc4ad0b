data "trove_datastores" "all" {}

output "versions" {
  value = { for d in data.trove_datastores.all.datastores : d.type => d.versions[*].version }
}
