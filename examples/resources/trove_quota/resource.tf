# As an administrator.
resource "trove_quota" "shop" {
  project_id = "3712d78b3b004dff95ebfc2e6005bd9c"
  instances  = 20
  volume_gb  = 500
  backups    = -1 # no limit
}
