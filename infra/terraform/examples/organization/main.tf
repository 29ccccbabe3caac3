# An organization: the hub in the security account, and a spoke in every account of an organizational unit, including accounts that
# join later. The code is in one bucket for each Region, <code_bucket>-<Region>, which the organization's accounts may read.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

locals {
  code_bucket  = "example-eks-whois"
  organization = "o-a1b2c3d4e5"
  hub_account  = "111122223333"
  hub_region   = "eu-west-1"
}

provider "aws" {
  alias  = "security"
  region = local.hub_region

  assume_role {
    role_arn = "arn:aws:iam::${local.hub_account}:role/deployer"
  }
}

# The management account, or the delegated administrator of StackSets (call_as = "DELEGATED_ADMIN").
provider "aws" {
  region = local.hub_region
}

module "hub" {
  source    = "../../hub"
  providers = { aws = aws.security }

  code_bucket           = local.code_bucket
  code_bucket_of_region = true
  organization          = local.organization
  alert_email           = "security@example.com"
  permissions_boundary  = "boundary"
}

module "spokes" {
  source = "../../organization"

  code_bucket          = local.code_bucket
  organizational_units = ["ou-ab12-34567890"]
  spoke_regions        = ["eu-west-1", "us-east-1"]
  hub_account          = local.hub_account
  hub_region           = local.hub_region
  permissions_boundary = "boundary"
}

output "api_url" {
  value = module.hub.api_url
}
