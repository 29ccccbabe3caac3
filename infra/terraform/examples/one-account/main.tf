# One account and one Region: the hub. It subscribes to all clusters, including those that are created later.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

resource "aws_s3_bucket" "code" {
  bucket_prefix = "eks-whois-code-"
}

resource "aws_s3_bucket_public_access_block" "code" {
  bucket                  = aws_s3_bucket.code.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

module "eks_whois" {
  source = "../../hub"

  code_bucket      = aws_s3_bucket.code.id
  artifacts_folder = "${path.root}/artifacts" # the output of `npm run release`
  alert_email      = "security@example.com"
  tags             = { team = "security" }
}

output "api_url" {
  value = module.eks_whois.api_url
}
