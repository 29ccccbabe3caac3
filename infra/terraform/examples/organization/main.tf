# An organization: the hub in the security account, and a spoke in every account of an organizational unit, including accounts that
# join later. The security account is a delegated administrator of StackSets; in the management account, leave out call_as.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

locals {
  code_bucket   = "example-eks-whois"
  organization  = "o-a1b2c3d4e5"
  hub_account   = "111122223333"
  hub_region    = "eu-west-1"
  spoke_regions = ["eu-west-1", "us-east-1"]
}

provider "aws" {
  region = local.hub_region

  assume_role {
    role_arn = "arn:aws:iam::${local.hub_account}:role/deployer"
  }
}

# Lambda loads code only from a bucket in its own Region, with the identity of the account that gets the function.
resource "aws_s3_bucket" "code" {
  for_each = toset(concat(local.spoke_regions, [local.hub_region]))

  region = each.value
  bucket = "${local.code_bucket}-${each.value}"
}

resource "aws_s3_bucket_public_access_block" "code" {
  for_each = aws_s3_bucket.code

  region                  = each.key
  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "code" {
  for_each = aws_s3_bucket.code

  region = each.key
  bucket = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource  = "${each.value.arn}/*"
        Condition = { StringEquals = { "aws:PrincipalOrgID" = local.organization } }
      },
      {
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [each.value.arn, "${each.value.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

locals {
  # The same text as local.code_bucket, but known only when the buckets let the organization read.
  open_bucket = trimsuffix(aws_s3_bucket_policy.code[local.hub_region].id, "-${local.hub_region}")
}

module "hub" {
  source = "../../hub"

  code_bucket           = local.open_bucket
  code_bucket_of_region = true
  code_prefix           = "hub/"
  artifacts_folder      = "${path.root}/artifacts" # the output of `npm run release`
  organization          = local.organization
  alert_email           = "security@example.com"
  permissions_boundary  = "boundary"
}

module "spokes" {
  source = "../../organization"

  code_bucket          = local.open_bucket
  code_prefix          = "spokes/"
  artifacts_folder     = "${path.root}/artifacts"
  organizational_units = ["ou-ab12-34567890"]
  spoke_regions        = local.spoke_regions
  call_as              = "DELEGATED_ADMIN"
  hub_lost_email       = "security@example.com" # all other alarms go to the hub's topic, and are gone with it
  permissions_boundary = "boundary"

  # Spokes send to the hub's event buses as soon as they exist, so the hub must be there first. With depends_on, Terraform could read the
  # module's data sources only during the apply, and the plan would fail.
  hub_account = split(":", module.hub.sts_bus_arn)[4]
  hub_region  = split(":", module.hub.sts_bus_arn)[3]
}

output "api_url" {
  value = module.hub.api_url
}

# Run this command after each apply: the apply also succeeds if up to a tenth of the accounts got no spoke.
output "failed_spokes_command" {
  value = module.spokes.failed_spokes_command
}
