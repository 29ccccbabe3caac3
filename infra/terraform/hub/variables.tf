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

variable "code_bucket" {
  description = "The bucket of this Region that has the functions' zips of the release"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.code_bucket))
    error_message = "It is to match ^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$."
  }
}

variable "code_bucket_of_region" {
  description = "Whether the bucket is called <CodeBucket>-<Region>: Lambda takes code from its own Region alone"
  type        = bool
  default     = false
  nullable    = false
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

variable "protect_tables" {
  description = "Whether the tables are protected from deletion; false for a first deployment, which then can be taken back"
  type        = bool
  default     = true
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

variable "trail" {
  description = "Where grants come from: eventbridge needs a trail with read-only management events, log-group the one that a trail writes to, lookups-only none"
  type        = string
  default     = "eventbridge"
  nullable    = false

  validation {
    condition     = contains(["eventbridge", "log-group", "lookups-only"], var.trail)
    error_message = "It is to be one of eventbridge, log-group, lookups-only."
  }
}

variable "trail_log_group" {
  description = "With trail log-group: the trail's log group"
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^(?:[\\w./#-]{1,512})$", var.trail_log_group))
    error_message = "It is to match ^$|^(?:[\\w./#-]{1,512})$."
  }
}

variable "uses" {
  description = "Whether GetCallerIdentity is taken too"
  type        = bool
  default     = false
  nullable    = false
}

variable "regions" {
  description = "Regions where LookupEvents asks beside this one; none for all that are enabled by default"
  type        = list(string)
  default     = []
  nullable    = false
}

variable "accounts" {
  description = "Other accounts that may forward and hand over, and whose CloudTrail is asked"
  type        = list(string)
  default     = []
  nullable    = false
}

variable "organization" {
  description = "Or all accounts of this organization (o-…), which may forward and hand over"
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^(?:o-[a-z0-9]{10,32})$", var.organization))
    error_message = "It is to match ^$|^(?:o-[a-z0-9]{10,32})$."
  }
}

variable "organization_paths" {
  description = "… or those of its units alone (o-…/r-…/ou-…/*)"
  type        = list(string)
  default     = []
  nullable    = false
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

variable "username_templates" {
  description = "How usernames are made from session names (eks-whois doctor writes them)"
  type        = list(string)
  default     = []
  nullable    = false
}

variable "trusted_proxies" {
  description = "Callers whose word for the person is believed"
  type        = list(string)
  default     = []
  nullable    = false
}

variable "identity_stores" {
  description = "Identity stores that are yours (d-…, or their ARNs)"
  type        = list(string)
  default     = []
  nullable    = false
}

variable "log_groups" {
  description = "Log groups that hold audit logs or CloudTrail records against their names (<name>=audit)"
  type        = list(string)
  default     = []
  nullable    = false
}

variable "record" {
  description = "all, or omit-reads: with resources whose get, list and watch are not recorded (omit-reads:events,leases)"
  type        = string
  default     = "all"
  nullable    = false

  validation {
    condition     = can(regex("^(?:all|omit-reads:[a-z0-9*./, -]{1,1024})$", var.record))
    error_message = "It is to match ^(?:all|omit-reads:[a-z0-9*./, -]{1,1024})$."
  }
}

variable "anonymous" {
  description = "What is recorded of anonymous callers: no-probes is all but allowed health probes, allowed leaves out what was refused too, all is everything"
  type        = string
  default     = "no-probes"
  nullable    = false

  validation {
    condition     = contains(["allowed", "no-probes", "all"], var.anonymous)
    error_message = "It is to be one of allowed, no-probes, all."
  }
}

variable "deadline_minutes" {
  description = "When, after the event, a claim's answer becomes final"
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.deadline_minutes >= 5 && var.deadline_minutes <= 1440
    error_message = "It is to be from 5 to 1440."
  }
}

variable "before_issue_seconds" {
  description = "How far before a grant's times an event may lie"
  type        = number
  default     = 60
  nullable    = false

  validation {
    condition     = var.before_issue_seconds >= 0 && var.before_issue_seconds <= 3600
    error_message = "It is to be from 0 to 3600."
  }
}

variable "after_expiry_seconds" {
  description = "How far after a grant's times an event may lie"
  type        = number
  default     = 600
  nullable    = false

  validation {
    condition     = var.after_expiry_seconds >= 0 && var.after_expiry_seconds <= 3600
    error_message = "It is to be from 0 to 3600."
  }
}

variable "record_days" {
  description = "How long records are kept"
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.record_days >= 1 && var.record_days <= 3650
    error_message = "It is to be from 1 to 3650."
  }
}

variable "session_days" {
  description = "How long sessions are kept, at least as long as the records"
  type        = number
  default     = 97
  nullable    = false

  validation {
    condition     = var.session_days >= 1 && var.session_days <= 3650
    error_message = "It is to be from 1 to 3650."
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

variable "alert_on" {
  description = "What settle alerts about, of unattributed, ambiguous, partial, access-key-mismatch, name-chosen-by-caller, key-not-listed, token-of-service-account, through-agent, identity-provider-changed, foreign-identity-store, node-role-used-by-person, eks-name-used-by-person, anonymous-access, session-name-claims-other-actor, source-identity-claims-other-actor"
  type        = list(string)
  default     = ["unattributed", "ambiguous", "identity-provider-changed", "foreign-identity-store", "node-role-used-by-person", "eks-name-used-by-person", "anonymous-access", "session-name-claims-other-actor", "source-identity-claims-other-actor"]
  nullable    = false
}

variable "alert_window_minutes" {
  description = "For so long further alerts of a group wait for a digest; 0 for none"
  type        = number
  default     = 15
  nullable    = false

  validation {
    condition     = var.alert_window_minutes >= 0 && var.alert_window_minutes <= 720
    error_message = "It is to be from 0 to 720."
  }
}

variable "alarm_unattributed" {
  description = "An alarm rings when more claims end within a minute with nobody named"
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.alarm_unattributed >= 1 && var.alarm_unattributed <= 1000000
    error_message = "It is to be from 1 to 1000000."
  }
}

variable "heartbeat_hours" {
  description = "An alarm rings when for so many hours nothing came; 0 for none"
  type        = number
  default     = 24
  nullable    = false

  validation {
    condition     = var.heartbeat_hours >= 0 && var.heartbeat_hours <= 168
    error_message = "It is to be from 0 to 168."
  }
}

variable "authorizer" {
  description = "Who may ask the API: iam (SigV4) or jwt"
  type        = string
  default     = "iam"
  nullable    = false

  validation {
    condition     = contains(["iam", "jwt"], var.authorizer)
    error_message = "It is to be one of iam, jwt."
  }
}

variable "jwt_issuer" {
  description = "With authorizer jwt: the issuer"
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^(?:https://\\S+)$", var.jwt_issuer))
    error_message = "It is to match ^$|^(?:https://\\S+)$."
  }
}

variable "jwt_audience" {
  description = "With authorizer jwt: the audiences"
  type        = list(string)
  default     = []
  nullable    = false
}

variable "jwt_scopes" {
  description = "Scopes of which a token must have one"
  type        = list(string)
  default     = []
  nullable    = false
}

variable "jwt_groups" {
  description = "Groups of which a token must have one"
  type        = list(string)
  default     = []
  nullable    = false
}

variable "jwt_group_claim" {
  description = "The claim that has the groups"
  type        = string
  default     = "groups"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_:./-]{1,256}$", var.jwt_group_claim))
    error_message = "It is to match ^[A-Za-z0-9_:./-]{1,256}$."
  }
}

variable "console_client_id" {
  description = "The public client by which the page signs in"
  type        = string
  default     = ""
  nullable    = false
}

variable "console_scopes" {
  description = "Scopes that the page asks for beside openid"
  type        = list(string)
  default     = []
  nullable    = false
}

variable "console_token" {
  description = "The token that the API takes"
  type        = string
  default     = "access"
  nullable    = false

  validation {
    condition     = contains(["access", "id"], var.console_token)
    error_message = "It is to be one of access, id."
  }
}

variable "console_origins" {
  description = "Where the issuer has its token endpoint, if on another host"
  type        = list(string)
  default     = []
  nullable    = false
}

variable "kms_key_arn" {
  description = "A key for tables, failed batches, alerts and the functions' environment"
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^(?:arn:aws[\\w-]*:kms:[a-z0-9-]+:\\d{12}:key/[\\w-]+)$", var.kms_key_arn))
    error_message = "It is to match ^$|^(?:arn:aws[\\w-]*:kms:[a-z0-9-]+:\\d{12}:key/[\\w-]+)$."
  }
}

variable "ingest_concurrency" {
  description = "Executions that ingest may use and others may not; 0 reserves none"
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.ingest_concurrency >= 0 && var.ingest_concurrency <= 1000
    error_message = "It is to be from 0 to 1000."
  }
}

variable "queue_concurrency" {
  description = "Executions at once that other accounts can cause by what they hand over, and as many by what they forward"
  type        = number
  default     = 100
  nullable    = false

  validation {
    condition     = var.queue_concurrency >= 2 && var.queue_concurrency <= 1000
    error_message = "It is to be from 2 to 1000."
  }
}

variable "logs_kms_key_arn" {
  description = "A key for the functions' logs, whose policy lets CloudWatch Logs use it"
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^(?:arn:aws[\\w-]*:kms:[a-z0-9-]+:\\d{12}:key/[\\w-]+)$", var.logs_kms_key_arn))
    error_message = "It is to match ^$|^(?:arn:aws[\\w-]*:kms:[a-z0-9-]+:\\d{12}:key/[\\w-]+)$."
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

variable "subnets" {
  description = "Subnets for the functions; they must reach the services of AWS"
  type        = list(string)
  default     = []
  nullable    = false
}

variable "security_groups" {
  description = "Security groups for the functions"
  type        = list(string)
  default     = []
  nullable    = false
}

variable "domain_name" {
  description = "A name of your own for the API"
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^(?:[a-z0-9-]+(?:\\.[a-z0-9-]+)+)$", var.domain_name))
    error_message = "It is to match ^$|^(?:[a-z0-9-]+(?:\\.[a-z0-9-]+)+)$."
  }
}

variable "domain_certificate_arn" {
  description = "Its certificate, of this Region"
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^(?:arn:aws.*:acm:.+)$", var.domain_certificate_arn))
    error_message = "It is to match ^$|^(?:arn:aws.*:acm:.+)$."
  }
}

variable "alarm_topic_arn" {
  description = "A topic of yours for alarms, instead of the stack's own"
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^$|^(?:arn:aws.*:sns:.+)$", var.alarm_topic_arn))
    error_message = "It is to match ^$|^(?:arn:aws.*:sns:.+)$."
  }
}

variable "tables" {
  description = "existing: go on with the tables that an earlier deployment left"
  type        = string
  default     = "create"
  nullable    = false

  validation {
    condition     = contains(["create", "existing"], var.tables)
    error_message = "It is to be one of create, existing."
  }
}
