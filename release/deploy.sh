#!/bin/sh
# Deploys a release: copies its files to a bucket and deploys one of the templates.
#
#   sh eks-whois-<version>-deploy.sh hub|spoke|organization REGION BUCKET [Parameter=value …] [option …]
#
# The code is in the bucket BUCKET-REGION; for an organization there is one in each of its SpokeRegions. Each release has a folder of
# its own. A missing bucket is created, and the organization may read it. Options are those of `aws cloudformation deploy`, such as
# --tags, --role-arn, --stack-name, --no-execute-changeset. Credentials are those of the AWS command line (AWS_PROFILE). An update
# keeps the parameters that are not given, and the tags if --tags is not given.
#
# Before an organization's deployment, `eks-whois doctor --organization` checks what it needs, if eks-whois is installed. With findings,
# nothing is deployed unless all are LOW or EKS_WHOIS_DEPLOY_ANYWAY=yes. EKS_WHOIS_MEMBER_ROLE is the role that it assumes in each account.
set -eu
export AWS_PAGER=

usage() {
  sed -n 's/^#   //p' "$0" >&2
  exit 2
}
refuse() {
  echo "$*" >&2
  exit 2
}
[ $# -ge 3 ] || usage
kind=$1 region=$2 bucket=$3
shift 3
folder=$(dirname "$0")
release=$(basename "$0" -deploy.sh)
case $kind in
  hub) stack=eks-whois-prod ;;
  spoke | organization) stack=eks-whois-$kind ;;
  *) usage ;;
esac

digest() {
  if command -v sha256sum > /dev/null; then sha256sum; else shasum -a 256; fi < "$1" | cut -d ' ' -f 1
}
template=$folder/$release-$kind.yaml
for each in "$template" "$folder/SHA256SUMS"; do
  [ -f "$each" ] || refuse "$each is missing. Keep the files of a release together, under their original names."
done
while read -r sum name; do
  case $name in
    "$release"-*.zip | "$release"-*.yaml)
      [ "$(digest "$folder/$name")" = "$sum" ] || refuse "$folder/$name does not match SHA256SUMS. Download the release again."
      ;;
  esac
done < "$folder/SHA256SUMS"

# The AWS command line silently ignores parameters that the template does not have, so this checks them.
names=$(sed -n '/^Parameters:/,/^[A-Z]/s/^  \([A-Za-z0-9]*\):$/\1/p' "$template")
spokes=
call_as=
boundary=
forward=
units=
queue=
hub_account=
hub_region=
named=
tags=
option=
execute=yes
for given in "$@"; do
  name=${given%%=*}
  case $given in
    --profile | --profile=*) refuse 'Set AWS_PROFILE instead of --profile: the bucket is created with the same credentials.' ;;
    --region | --region=* | --parameter-overrides | --parameter-overrides=*)
      refuse "$name cannot be given. Use REGION BUCKET Parameter=value …, then options."
      ;;
    --stack-name=*) stack=${given#*=} option=$name ;;
    --no-execute-changeset) execute='' option=$name ;;
    --tags | --tags=*) tags=given option=$name ;;
    --*) option=$name ;;
    CodeBucket=* | CodePrefix=* | CodeBucketOfRegion=* | TemplateUrl=*) refuse "$name cannot be given: it follows from BUCKET. Leave it out." ;;
    *)
      if [ "$option" = --stack-name ]; then
        stack=$given
      elif [ "$name" != "$given" ] && echo "$names" | grep -qxF -e "$name"; then
        [ -z "$option" ] || refuse "$name is a parameter but stands after $option. Put parameters first, then options."
      elif [ -z "$option" ]; then
        refuse "$given is not a parameter of $release-$kind.yaml. Use one of:" $names
      fi
      ;;
  esac
  case $given in
    SpokeRegions=*) spokes=$given ;;
    CallAs=*) call_as=$given ;;
    PermissionsBoundary=*) boundary=$given ;;
    Forward=*) forward=$given ;;
    OrganizationalUnits=*) units=$given ;;
    QueueConcurrency=*) queue=$given ;;
    HubAccount=*) hub_account=$given ;;
    HubRegion=*) hub_region=$given ;;
    Prefix=*) named=$given ;;
  esac
done

identity=$(aws sts get-caller-identity --region "$region" --query '[Account,Arn]' --output text)
account=$(echo "$identity" | cut -f 1)
partition=$(echo "$identity" | cut -f 2 | cut -d : -f 2)

# Prints a list of the deployed stack, as lines of names and values with a tab between. Prints nothing if there is no stack.
deployed() {
  if list=$(aws cloudformation describe-stacks --region "$region" --stack-name "$stack" --query "Stacks[0].$1" --output text 2>&1); then
    printf '%s\n' "$list" | sed '/^None$/d'
  else
    case $list in *'does not exist'*) ;; *) refuse "$list" ;; esac
  fi
}
parameters=$(deployed 'Parameters[].[ParameterKey,ParameterValue]')
tab=$(printf '\t')
# Prints the value of a parameter: the given one, else that of the deployed stack, which an update keeps.
value_of() {
  if [ -n "$2" ]; then echo "${2#*=}"; else printf '%s\n' "$parameters" | sed -n "s/^$1$tab//p"; fi
}
spokes=$(value_of SpokeRegions "$spokes" | tr ',' ' ')
call_as=$(value_of CallAs "$call_as")
boundary=$(value_of PermissionsBoundary "$boundary")
forward=$(value_of Forward "$forward")
units=$(value_of OrganizationalUnits "$units" | tr ',' ' ')
regions=$region
if [ "$kind" = organization ]; then
  [ -n "$spokes" ] || refuse 'SpokeRegions is missing. Give the Regions in which each account gets a spoke: SpokeRegions=eu-west-1,us-east-1'
  regions=$spokes
fi
organization=
[ "$kind" != organization ] ||
  organization=$(aws organizations describe-organization --region "$region" --query Organization.Id --output text)

# Checks what the deployment needs before anything is created.
check_organization() {
  set -- doctor --organization --region $spokes --code-bucket "$bucket"
  [ -z "$units" ] || set -- "$@" --unit $units
  [ -z "$boundary" ] || set -- "$@" --permissions-boundary "$boundary"
  [ "$forward" != false ] || set -- "$@" --without-forwarding
  [ -z "${EKS_WHOIS_MEMBER_ROLE-}" ] || set -- "$@" --member-role "$EKS_WHOIS_MEMBER_ROLE"
  if ! command -v eks-whois > /dev/null; then
    echo "The organization was not checked, because eks-whois is not installed. To check it: npx --yes '$folder/$release.tgz' $*" >&2
    return
  fi
  if found=$(eks-whois "$@"); then status=0; else status=$?; fi
  printf '%s\n' "$found" >&2
  severities=$(printf '%s\n' "$found" | sed -nE 's/^(HIGH|MEDIUM|LOW)  .*/\1/p' | sort -u)
  if [ $status -eq 0 ] || { [ $status -eq 3 ] && [ "$severities" = LOW ]; }; then
    return
  elif [ $status -ne 3 ]; then
    echo 'Not everything could be checked. The deployment continues.' >&2
  elif [ "${EKS_WHOIS_DEPLOY_ANYWAY-}" != yes ]; then
    refuse 'Nothing was deployed, because the check has findings. Fix them, or set EKS_WHOIS_DEPLOY_ANYWAY=yes.'
  fi
}
[ "$kind" != organization ] || check_organization

# EventBridge accepts and drops what is sent to a bus of the same account that does not exist, so no error would show a wrong address of the hub.
check_hub() {
  [ "$(value_of HubAccount "$hub_account")" = "$account" ] || return 0
  hub_region=$(value_of HubRegion "$hub_region") named=$(value_of Prefix "$named")
  bus=${named:-eks-whois-prod}-spokes
  found=$(aws events describe-event-bus --region "$hub_region" --name "$bus" --query Arn --output text 2>&1) && return
  case $found in *ResourceNotFound*) refuse "There is no event bus $bus in $hub_region of this account. Deploy the hub first, or correct HubRegion and Prefix." ;; esac
}
[ "$kind" = hub ] || check_hub

# Events and grants of other accounts can each use QueueConcurrency executions. What is left must be enough for settle and the API.
check_quota() {
  quota=$(aws lambda get-account-settings --region "$region" --query AccountLimit.ConcurrentExecutions --output text 2> /dev/null) || return 0
  case $quota in '' | *[!0-9]*) return 0 ;; esac
  queue=$(value_of QueueConcurrency "$queue")
  need=$((2 * ${queue:-100} + 50))
  [ "$quota" -lt "$need" ] || return 0
  most=$(((quota - 50) / 2))
  [ "$most" -ge 2 ] || most=
  echo "Lambda runs only $quota functions at once in $region. With $need or more, other accounts cannot use all of them. Request a higher quota${most:+, or set QueueConcurrency=$most}." >&2
}
[ "$kind" != hub ] || check_quota

root=eks-whois/
# Each build has its own folder, because CloudFormation updates a function only if the key of its code changes.
prefix=$root${release#eks-whois-}-$(digest "$folder/SHA256SUMS" | cut -c 1-12)/

# Requires TLS. Lets the accounts of the organization read, because Lambda reads a spoke's code with the spoke's own identity.
put_policy() {
  of_bucket=arn:$partition:s3:::$1
  let_in='{
      "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "'$of_bucket/$root'*",
      "Condition": {"StringEquals": {"aws:PrincipalOrgID": "'$organization'"}}
    },'
  [ -n "$organization" ] || let_in=
  aws s3api put-bucket-policy --bucket "$1" --region "$2" --expected-bucket-owner "$account" --policy '{
    "Version": "2012-10-17",
    "Statement": ['"$let_in"'{
      "Sid": "EksWhoisByTlsAlone",
      "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["'"$of_bucket"'", "'"$of_bucket"'/*"],
      "Condition": {"Bool": {"aws:SecureTransport": "false"}}
    }]
  }'
}

close_bucket() {
  aws s3api put-public-access-block --bucket "$1" --region "$2" --expected-bucket-owner "$account" \
    --public-access-block-configuration \
    BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true && put_policy "$1" "$2"
}

# Checks the owner of the bucket: whoever took the name first and lets others write could put other code there.
have_bucket() {
  answer=$(aws s3api head-bucket --bucket "$1" --region "$2" --expected-bucket-owner "$account" 2>&1) && return
  case $answer in
    *'(404)'*) ;;
    *'(403)'*) refuse "The bucket $1 is not owned by account $account, or you may not list it. Choose another name." ;;
    *) refuse "$answer" ;;
  esac
  aws s3 mb "s3://$1" --region "$2"
  close_bucket "$1" "$2" || {
    aws s3 rb "s3://$1" --region "$2"
    exit 1
  }
}

# Adds the organization to the policy of a hub's bucket. A policy that someone else wrote stays unchanged.
let_organization_in() {
  if policy=$(aws s3api get-bucket-policy --bucket "$1" --region "$2" --expected-bucket-owner "$account" \
    --query Policy --output text 2>&1); then
    case $policy in
      *"$organization"*) return ;;
      *'"Effect"'*'"Effect"'*) ;;
      *EksWhoisByTlsAlone*)
        put_policy "$1" "$2"
        return
        ;;
    esac
    echo "The policy of $1 does not contain $organization. Make sure that its accounts may read s3://$1/$root." >&2
  else
    case $policy in
      *NoSuchBucketPolicy*) put_policy "$1" "$2" ;;
      *) refuse "$policy" ;;
    esac
  fi
}

for each in $regions; do
  place=$bucket-$each
  have_bucket "$place" "$each"
  [ "$kind" != organization ] || let_organization_in "$place" "$each"
  echo "code: s3://$place/$prefix"
  aws s3 cp "$folder" "s3://$place/$prefix" --recursive --region "$each" --only-show-errors \
    --exclude '*' --include "$release-*.zip" --exclude "$release-terraform.zip" --include "$release-spoke.yaml"
done

case $kind in
  organization)
    first=${regions%% *}
    case $partition in aws-cn) domain=amazonaws.com.cn ;; *) domain=amazonaws.com ;; esac
    set -- "TemplateUrl=https://$bucket-$first.s3.$first.$domain/$prefix$release-spoke.yaml" "$@"
    ;;
  *) set -- CodeBucketOfRegion=true "$@" ;;
esac
set -- --capabilities CAPABILITY_NAMED_IAM --no-fail-on-empty-changeset \
  --parameter-overrides CodeBucket="$bucket" CodePrefix="$prefix" "$@"
# CloudFormation reads a template of more than 51,200 bytes from a bucket in the stack's Region.
[ "$kind" = organization ] || set -- --s3-bucket "$bucket-$region" --s3-prefix "${prefix}templates" "$@"
# The AWS command line always sends tags, and CloudFormation takes none for "remove all of them".
if [ -z "$tags" ]; then
  tags=$(deployed "Tags[?!starts_with(Key, 'aws:')].[Key,Value]")
  [ -z "$tags" ] || set -- "$@" --tags
  while IFS=$tab read -r key text; do
    [ -z "$key" ] || set -- "$@" "$key=$text"
  done << EOF
$tags
EOF
fi
status_of() {
  aws cloudformation describe-stacks --region "$region" --stack-name "$stack" --query 'Stacks[0].StackStatus' --output text
}

# `aws cloudformation deploy` stops after an hour, but CloudFormation continues. A StackSet for many accounts takes longer.
wait_on() {
  case $said in *'Failed to create/update the stack'*) ;; *) return 1 ;; esac
  while status=$(status_of); do
    case $status in
      CREATE_COMPLETE | UPDATE_COMPLETE) return 0 ;;
      CREATE_IN_PROGRESS | ROLLBACK_IN_PROGRESS) event='stack-create-complete' ;;
      UPDATE_*IN_PROGRESS) event='stack-update-complete' ;;
      *) break ;;
    esac
    echo "CloudFormation is still working on $stack ($status). Waiting for it. If you stop this script, CloudFormation continues." >&2
    aws cloudformation wait "$event" --region "$region" --stack-name "$stack" 2> /dev/null || :
  done
  echo "$stack was not deployed: $status." >&2
  return 1
}

failed=
{ said=$(aws cloudformation deploy --region "$region" --stack-name "$stack" --template-file "$template" "$@" 2>&1 >&3) || failed=$?; } 3>&1
[ -z "$said" ] || echo "$said" >&2
[ -z "$failed" ] || wait_on || exit "$failed"
[ -n "$execute" ] || exit 0

outputs() {
  aws cloudformation describe-stacks --region "$region" --stack-name "$stack" --query "Stacks[0].Outputs[$1" --output text
}

# Warns of topics without a confirmed subscription. An email address must be confirmed, and a link in each email ends the subscription.
warn_of_unheard() {
  for output in AlertsTopic AlarmsTopic; do
    topic=$(outputs "?OutputKey=='$output'].OutputValue")
    [ -n "$topic" ] || continue
    if listeners=$(aws sns get-topic-attributes --region "$region" --topic-arn "$topic" --query Attributes.SubscriptionsConfirmed \
      --output text 2>&1); then
      [ "$listeners" = 0 ] || continue
      echo "Warning: nobody gets the messages of $topic, because it has no confirmed subscription. Confirm the one that AWS sent by email, or subscribe (docs/deploy.md, Outputs)." >&2
    else
      echo "Warning: it is not known whether anybody gets the messages of $topic: $listeners" >&2
    fi
  done
}

# Warns of tables that lack what DynamoDB does not restore with a table.
warn_of_tables() {
  for output in RecordsTableName SessionsTableName ClaimsTableName; do
    table=$(outputs "?OutputKey=='$output'].OutputValue")
    expiry=$(aws dynamodb describe-time-to-live --region "$region" --table-name "$table" \
      --query TimeToLiveDescription.TimeToLiveStatus --output text 2> /dev/null) || continue
    recovery=$(aws dynamodb describe-continuous-backups --region "$region" --table-name "$table" \
      --query ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus --output text 2> /dev/null) || continue
    [ "$expiry" != DISABLED ] || echo "Warning: nothing in $table expires, because its time to live is off." >&2
    [ "$recovery" != DISABLED ] || echo "Warning: $table has no point-in-time recovery, so it cannot be restored." >&2
    [ "$expiry" != DISABLED ] && [ "$recovery" != DISABLED ] ||
      echo 'docs/operate.md has the commands (If the hub is lost, step 3).' >&2
  done
}

# Runs the function once that reports the spokes to the hub, and warns if it fails. If it never works, the hub does not know that it should hear
# from it. The deployment itself succeeded, so the script does not fail.
report_spokes() {
  function=$(aws cloudformation describe-stack-resource --region "$region" --stack-name "$stack" --logical-resource-id RollOut \
    --query StackResourceDetail.PhysicalResourceId --output text 2> /dev/null) || return 0
  [ -n "$function" ] || return 0
  answer=$(mktemp)
  if ran=$(aws lambda invoke --region "$region" --function-name "$function" --cli-read-timeout 310 --query FunctionError --output text \
    "$answer" 2>&1); then
    case $ran in '' | None) said= ;; *) said=$(cat "$answer") ;; esac
  else
    echo "Warning: it is not known whether the hub learns which accounts have no spoke: $ran" >&2
    said=
  fi
  rm -f "$answer"
  [ -n "$said" ] || return 0
  echo "Warning: the hub does not learn which accounts have no spoke: $function fails. Does the hub's Organization include this account? $said" >&2
}
if [ "$kind" = organization ]; then
  report_spokes
  set -- --region "$region" --stack-set-name "$(outputs "?OutputKey=='StackSetId'].OutputValue")" --call-as "${call_as:-SELF}"
  aws cloudformation list-stack-instances "$@" --query 'Summaries[].[Account,Region,Status]' --output text
  # StackSets goes on if a tenth of the accounts fail, and the stack of the StackSet then succeeds.
  failed=$(aws cloudformation list-stack-instances "$@" --output text --query \
    "Summaries[?Status!='CURRENT' && StackInstanceStatus.DetailedStatus!='SKIPPED_SUSPENDED_ACCOUNT'].[Account,Region,StatusReason]")
  [ -n "$failed" ] || exit 0
  cat >&2 << EOF
These accounts and Regions have no spoke of this release:
$failed
Fix the reason, then try again: aws cloudformation update-stack-instances $* --regions <Regions> \\
  --deployment-targets OrganizationalUnitIds=$(echo "$units" | tr -s ' ' ','),Accounts=<accounts>,AccountFilterType=INTERSECTION
EOF
  exit 1
else
  outputs '].[OutputKey,OutputValue]'
  [ "$kind" != hub ] || { warn_of_unheard && warn_of_tables; }
fi
