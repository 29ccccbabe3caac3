# Written by `npm run terraform` from the template of the release.

variable "stack_name" {
  description = "What the CloudFormation stack is called"
  type        = string
  default     = "eks-whois"
}

variable "artifacts_folder" {
  description = "A folder with the files of the release, which are uploaded to code_bucket; null where they lie there already"
  type        = string
  default     = null
}

variable "cloudformation_role_arn" {
  description = "The role that CloudFormation deploys as; null for whoever applies"
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of the stack, which CloudFormation hands on to every resource that takes tags"
  type        = map(string)
  default     = {}
}

variable "organizational_units" {
  description = "The units (ou-…), or the root (r-…) for all accounts but the management account"
  type        = list(string)
  nullable    = false
}

variable "spoke_regions" {
  description = "The Regions in which each account gets a spoke"
  type        = list(string)
  nullable    = false
}

variable "call_as" {
  description = "DELEGATED_ADMIN where this is not the management account"
  type        = string
  default     = "SELF"
  nullable    = false

  validation {
    condition     = contains(["SELF", "DELEGATED_ADMIN"], var.call_as)
    error_message = "It is to be one of SELF, DELEGATED_ADMIN."
  }
}

variable "switch_audit_logs_on" {
  description = "Whether a telemetry rule switches the audit logs of all clusters on; telemetry evaluation must be on first"
  type        = bool
  default     = false
  nullable    = false
}

variable "code_bucket" {
  description = "The bucket of this Region that has the functions' zips of the release"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.code_bucket))
    error_message = "It is to match ^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$."
  }
}

variable "code_prefix" {
  description = "What their keys begin with: eks-whois/ for eks-whois/eks-whois-<version>-ingest.zip"
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(?:[\\w!.*'()-]+/)*$", var.code_prefix))
    error_message = "It is to match ^(?:[\\w!.*'()-]+/)*$."
  }
}

variable "prefix" {
  description = "What every name begins with; the same in hub and spokes"
  type        = string
  default     = "eks-whois-prod"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9-]{1,29}$", var.prefix))
    error_message = "It is to match ^[a-zA-Z][a-zA-Z0-9-]{1,29}$."
  }
}

variable "forward" {
  description = "Whether STS's records and those of sign-ins are forwarded; needs a trail with read-only management events"
  type        = bool
  default     = true
  nullable    = false
}

variable "lookup_role_region" {
  description = "The Region whose stack makes the account's role for look-ups: empty for the hub's Region, none for no stack"
  type        = string
  default     = ""
  nullable    = false
}

variable "find_clusters" {
  description = "Names of clusters to subscribe to, with * and ? in them; * for all of this account and Region"
  type        = list(string)
  default     = ["*"]
  nullable    = false
}

variable "find_clusters_by_tag" {
  description = "Clusters with this tag, <key>=<value>, beside those"
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^(?:[^=,]{1,128}=.{0,256})$", var.find_clusters_by_tag))
    error_message = "It is to match ^$|^(?:[^=,]{1,128}=.{0,256})$."
  }
}

variable "node_traffic" {
  description = "Whether the kubelets' own requests are taken too: much more"
  type        = bool
  default     = false
  nullable    = false
}

variable "service_accounts" {
  description = "What Kubernetes' service accounts do that is taken"
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition     = contains(["none", "tokens", "all"], var.service_accounts)
    error_message = "It is to be one of none, tokens, all."
  }
}

variable "control_plane" {
  description = "Which requests under the names of the control plane (system:kube-scheduler) are taken: outside is what visibly does not come from AWS"
  type        = string
  default     = "outside"
  nullable    = false

  validation {
    condition     = contains(["none", "outside", "all"], var.control_plane)
    error_message = "It is to be one of none, outside, all."
  }
}

variable "lookup_role" {
  description = "The role that is assumed in other accounts"
  type        = string
  default     = "eks-whois-lookup"
  nullable    = false

  validation {
    condition     = can(regex("^[\\w+=,.@-]{1,64}$", var.lookup_role))
    error_message = "It is to match ^[\\w+=,.@-]{1,64}$."
  }
}

variable "hub_account" {
  description = "The account of the hub"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^\\d{12}$", var.hub_account))
    error_message = "It is to match ^\\d{12}$."
  }
}

variable "hub_region" {
  description = "The Region of the hub"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}$", var.hub_region))
    error_message = "It is to match ^[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}$."
  }
}

variable "log_days" {
  description = "How long the functions' own logs are kept"
  type        = string
  default     = "30"
  nullable    = false

  validation {
    condition     = contains(["1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731", "1096"], var.log_days)
    error_message = "It is to be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096."
  }
}

variable "alert_email" {
  description = "Who is told of alerts and alarms"
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^(?:[^\\s@]+@[^\\s@]+)$", var.alert_email))
    error_message = "It is to match ^$|^(?:[^\\s@]+@[^\\s@]+)$."
  }
}

variable "heartbeat_hours" {
  description = "An alarm rings when for so many hours nothing came; 0 for none"
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.heartbeat_hours >= 0 && var.heartbeat_hours <= 168
    error_message = "It is to be from 0 to 168."
  }
}

variable "permissions_boundary" {
  description = "The permissions boundary of every role"
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^(?:arn:aws[\\w-]*:iam::(?:\\d{12}|aws):policy/.+)$", var.permissions_boundary))
    error_message = "It is to match ^$|^(?:arn:aws[\\w-]*:iam::(?:\\d{12}|aws):policy/.+)$."
  }
}

variable "role_path" {
  description = "The path of every role; the same in hub and spokes"
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/(?:[\\w+=,.@-]+/)*$", var.role_path))
    error_message = "It is to match ^/(?:[\\w+=,.@-]+/)*$."
  }
}

variable "role_name_prefix" {
  description = "What every role's name begins with, 20 letters or so; the same in hub and spokes"
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^(?:[\\w+=,.@-]{1,24})$", var.role_name_prefix))
    error_message = "It is to match ^$|^(?:[\\w+=,.@-]{1,24})$."
  }
}
