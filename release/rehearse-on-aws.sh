#!/bin/sh
# Rehearses the service on a real AWS account: deploys it, names who deleted a ConfigMap, removes it, and writes a report.
#
#   sh release/rehearse-on-aws.sh REGION BUCKET
#
# BUCKET is the beginning of a bucket's name for the code, as for the script that deploys. Run it in a checkout after
# `npm install && npm run release`. It needs the AWS command line 2, kubectl and Node.js 20. Credentials are those of the AWS command
# line (AWS_PROFILE), and should be a person's: an IAM user, or a user of IAM Identity Center. They must be able to do what
# docs/on-aws.md lists.
#
# CLUSTER=name       Use this cluster, and leave it as it is. Its audit log must be on. Without it, a cluster without nodes is created
#                    in the default VPC and deleted at the end.
# SUBNETS=a,b        The subnets of the created cluster, in two zones.
# WAIT_MINUTES=20    How long to wait for a record and its name.
# KEEP=yes           Remove nothing at the end.
# YES=yes            Do not ask before something is created.
# REPORT=file        Where the report is written.
set -u
export AWS_PAGER=

usage() {
  sed -n '2,/^set -u/s/^# \{0,1\}//p' "$0" >&2
  exit 2
}
refuse() {
  echo "$*" >&2
  exit 2
}
[ $# -eq 2 ] || usage
region=$1 bucket=$2
export AWS_REGION="$region" AWS_DEFAULT_REGION="$region"
root=$(cd "$(dirname "$0")/.." && pwd)
name=eks-whois-rehearsal
tables=$name
cluster=${CLUSTER:-$name}
minutes=${WAIT_MINUTES:-20}
report=${REPORT:-$name-$(date -u +%Y-%m-%dT%H%M).md}
deploy=$(find "$root/artifacts" -name 'eks-whois-*-deploy.sh' 2> /dev/null | head -n 1)
[ -n "$deploy" ] || refuse "$root/artifacts has no release. Run npm install and npm run release first."
for tool in aws kubectl node; do
  command -v "$tool" > /dev/null || refuse "$tool is missing. Install it first."
done
who=$(aws sts get-caller-identity --query '[Account,Arn,UserId]' --output text) || refuse 'AWS did not accept the credentials. Set AWS_PROFILE.'
account=$(echo "$who" | cut -f 1) caller=$(echo "$who" | cut -f 2) caller_id=$(echo "$who" | cut -f 3)
partition=$(echo "$caller" | cut -d : -f 2)
role=arn:$partition:iam::$account:role/$name
work=$(mktemp -d)

cat << EOF
This creates in account $account, Region $region, as $caller:
  the stack $name of the service, with three tables, and the bucket $bucket-$region
  the role $name, which may do everything in the cluster, and which this account may assume
EOF
[ -n "${CLUSTER:-}" ] || echo "  the EKS cluster $name without nodes, and its role. EKS charges for each hour of a cluster."
echo 'Everything is removed at the end, unless you set KEEP=yes.'
if [ "${YES:-}" != yes ]; then
  printf 'Go on? (yes/no) '
  read -r answer
  [ "$answer" = yes ] || refuse 'Nothing was created.'
fi

passed=0 failed=0
: > "$work/results"
# Writes one line of the report: what was expected, and what was seen.
pass() { passed=$((passed + 1)) && tell "| $1 | passed | $2 |"; }
fail() { failed=$((failed + 1)) && tell "| $1 | **failed** | $2 |"; }
tell() {
  echo "$1" | tee -a "$work/results"
}
# expect WHAT COMMAND…: passes if the command succeeds. Its last line is what was seen.
expect() {
  what=$1
  shift
  if "$@" > "$work/out" 2>&1; then pass "$what" "$(last_line)"; else fail "$what" "$(last_line)"; fi
}
last_line() { grep -v '^$' "$work/out" | tail -n 1 | tr '|' '/' | cut -c 1-300; }
whois() { node "$root/bin/eks-whois" "$@"; }
# wait_for COMMAND…: tries every 15 seconds, until it succeeds or the time is over.
wait_for() {
  until=$(($(date +%s) + minutes * 60))
  until "$@" > "$work/out" 2>&1; do
    [ "$(date +%s)" -lt "$until" ] || return 1
    sleep 15
  done
}

remove() {
  trap '' INT TERM
  if [ "${KEEP:-}" = yes ]; then
    tell "| removal | left out | KEEP=yes |"
    return
  fi
  aws cloudformation delete-stack --stack-name "$name"
  expect 'the stack is deleted' aws cloudformation wait stack-delete-complete --stack-name "$name"
  expect 'no subscription filter is left' filters_are_gone
  for table in sessions claims records; do
    aws dynamodb update-table --table-name "$tables-$table" --no-deletion-protection-enabled > /dev/null 2>&1
    aws dynamodb wait table-exists --table-name "$tables-$table" > /dev/null 2>&1
    aws dynamodb delete-table --table-name "$tables-$table" > /dev/null 2>&1
  done
  if [ -z "${CLUSTER:-}" ]; then
    aws eks delete-cluster --name "$cluster" > /dev/null 2>&1
    aws eks wait cluster-deleted --name "$cluster" > /dev/null 2>&1
    aws logs delete-log-group --log-group-name "/aws/eks/$cluster/cluster" > /dev/null 2>&1
    remove_role "$name-cluster" "arn:$partition:iam::aws:policy/AmazonEKSClusterPolicy"
  else
    aws eks delete-access-entry --cluster-name "$cluster" --principal-arn "$role" > /dev/null 2>&1
  fi
  remove_role "$name"
  aws s3 rb --force "s3://$bucket-$region" > /dev/null 2>&1
  expect 'nothing is left' nothing_is_left
}
remove_role() {
  [ -z "${2:-}" ] || aws iam detach-role-policy --role-name "$1" --policy-arn "$2" > /dev/null 2>&1
  aws iam delete-role --role-name "$1" > /dev/null 2>&1
}
filters_are_gone() {
  left=$(aws logs describe-subscription-filters --log-group-name "/aws/eks/$cluster/cluster" \
    --query "subscriptionFilters[?contains(destinationArn, '$name')].filterName" --output text) || return 1
  echo "left: ${left:-nothing}"
  [ -z "$left" ]
}
nothing_is_left() {
  {
    aws dynamodb list-tables --query "TableNames[?starts_with(@, '$tables')]" --output text
    aws lambda list-functions --query "Functions[?starts_with(FunctionName, '$name')].FunctionName" --output text
    aws iam list-roles --query "Roles[?starts_with(RoleName, '$name')].RoleName" --output text
    aws events list-event-buses --name-prefix "$name" --query 'EventBuses[].Name' --output text
    aws logs describe-log-groups --log-group-name-prefix "/aws/lambda/$name" --query 'logGroups[].logGroupName' --output text
    aws cloudwatch describe-alarms --alarm-name-prefix "$name" --query 'MetricAlarms[].AlarmName' --output text
  } > "$work/left" 2>&1
  echo "left: $(tr '\t\n' '  ' < "$work/left" | sed 's/None//g; s/^ *$/nothing/')"
  ! grep -v '^None$' "$work/left" | grep -q .
}

# The report hides the account's id and the caller's name, so that it can be attached to an issue.
write_report() {
  {
    echo "# Rehearsal of eks-whois on AWS"
    echo
    echo "$(date -u +%Y-%m-%dT%H:%MZ), Region $region, $(basename "$deploy" -deploy.sh). $passed passed, $failed failed."
    echo
    echo '| what | result | seen |'
    echo '| --- | --- | --- |'
    cat "$work/results"
    for each in "$work"/shape-*; do
      [ -s "$each" ] || continue
      printf '\n## %s\n\n```json\n' "$(basename "$each" | sed 's/^shape-//; s/-/ /g')"
      cat "$each"
      printf '\n```\n'
    done
  } | sed "s/$account/<account>/g; s#${caller##*/}#<caller>#g; s/${caller_id%%:*}/<caller id>/g" > "$report"
  rm -rf "$work"
  echo "The report: $report"
}
trap 'echo "Interrupted: removing what was created."; remove; write_report; exit 130' INT TERM

# 1. The cluster and the role.
make_cluster() {
  subnets=${SUBNETS:-$(aws ec2 describe-subnets --filters Name=default-for-az,Values=true --query 'Subnets[:2].SubnetId' --output text | tr '\t' ',')}
  aws iam create-role --role-name "$name-cluster" --assume-role-policy-document '{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}' &&
    aws iam attach-role-policy --role-name "$name-cluster" --policy-arn "arn:$partition:iam::aws:policy/AmazonEKSClusterPolicy" &&
    sleep "${IAM_SECONDS:-15}" && # IAM takes a while until EKS may assume a new role
    aws eks create-cluster --name "$cluster" --role-arn "arn:$partition:iam::$account:role/$name-cluster" \
      --resources-vpc-config "subnetIds=$subnets" --access-config authenticationMode=API \
      --logging '{"clusterLogging": [{"types": ["audit"], "enabled": true}]}' &&
    aws eks wait cluster-active --name "$cluster" &&
    aws eks describe-cluster --name "$cluster" --query 'cluster.[version,platformVersion]' --output text
}
make_role() {
  aws iam create-role --role-name "$name" --assume-role-policy-document '{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "'"$account"'"}, "Action": "sts:AssumeRole"}]}'
}
let_role_in() {
  aws eks create-access-entry --cluster-name "$cluster" --principal-arn "$role" &&
    aws eks associate-access-policy --cluster-name "$cluster" --principal-arn "$role" --access-scope type=cluster \
      --policy-arn "arn:$partition:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
}
[ -n "${CLUSTER:-}" ] || expect 'the cluster is created' make_cluster
expect 'the role is created' make_role
expect 'the role may enter the cluster' let_role_in

# 2. The service.
expect 'the templates deploy' sh "$deploy" hub "$region" "$bucket" Prefix="$name" FindClusters="$cluster" ProtectTables=false \
  --stack-name "$name" --tags "$name=yes"
is_subscribed() {
  aws logs describe-subscription-filters --log-group-name "/aws/eks/$cluster/cluster" --output json \
    --query "subscriptionFilters[?contains(destinationArn, '$name')].[filterName,emitSystemFields]" > "$work/filter" &&
    tr -d ' \n' < "$work/filter" && grep -q "$name\|@aws.account" "$work/filter"
}
expect 'the cluster is found and subscribed' wait_for is_subscribed

# 3. One request, under a session name that claims to be somebody else.
session=somebody.else
request() {
  keys=$(aws sts assume-role --role-arn "$role" --role-session-name "$session" \
    --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text) &&
    aws eks update-kubeconfig --name "$cluster" --kubeconfig "$work/kubeconfig" > /dev/null &&
    (
      # shellcheck disable=SC2086 # three words
      set -- $keys
      unset AWS_PROFILE
      export AWS_ACCESS_KEY_ID="$1" AWS_SECRET_ACCESS_KEY="$2" AWS_SESSION_TOKEN="$3" KUBECONFIG="$work/kubeconfig"
      kubectl -n default create configmap "$name" --from-literal=a=b && kubectl -n default delete configmap "$name"
    )
}
wait_for_filter=${FILTER_SECONDS:-60} # a new subscription filter delivers after a while
sleep "$wait_for_filter"
expect 'a session of the role deletes a ConfigMap' wait_for request
began=$(date +%s) actor=

# 4. The answer.
deleted() { whois records "$@" --resource configmaps --verb delete --since 1h --limit 1 -o jsonl > "$work/record" && grep -q auditId "$work/record"; }
# Prints a part of the record, such as `attribution.status`.
part() { node -p 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).'"$1" "$work/record" 2> /dev/null; }
after() { echo "after $(($(date +%s) - began)) s"; }
is_recorded() { deleted --table "$tables" && after; }
is_named() { deleted --table "$tables" && [ "$(part attribution.status)" = attributed ] && after; }
is_caller() {
  actor=$(part 'attribution.actor?.id')
  echo "$actor"
  case $caller in
    *:user/*) [ "$actor" = "iam-user/$account/$caller_id" ] ;;
    *) part 'attribution.actor?.name' | grep -qF "${caller##*/}" ;; # a user of Identity Center: the name is the session's
  esac
}
expect 'the request is recorded' wait_for is_recorded
expect 'the record has a name' wait_for is_named
expect 'the name is the caller, not what the session claims' is_caller
whole_arn() {
  arn=$(part clusterArn)
  echo "$arn"
  [ "$arn" = "arn:$partition:eks:$region:$account:cluster/$cluster" ]
}
expect "the record has the cluster's ARN, from the system fields" whole_arn
api=$(aws cloudformation describe-stacks --stack-name "$name" --query "Stacks[0].Outputs[?OutputKey=='ApiUrl'].OutputValue" --output text 2> /dev/null)
same_over_api() { deleted --api "$api" && part 'attribution.actor?.id' && [ "$(part 'attribution.actor?.id')" = "$actor" ]; }
expect 'the API answers with the same name' same_over_api
in_fleet() { whois fleet --table "$tables" -o csv > "$work/fleet" && grep "$cluster" "$work/fleet"; }
expect 'the fleet lists the cluster' in_fleet
expect 'dead letters can be listed' whois redrive --prefix "$name" --dry-run
expect "the log group's events load again, and are known" whois backfill --table "$tables" --log-group "/aws/eks/$cluster/cluster" --from yesterday
no_alarm() {
  aws cloudwatch describe-alarms --alarm-name-prefix "$name" --state-value ALARM --query 'MetricAlarms[].AlarmName' --output text > "$work/alarms" &&
    echo "raised: $(cat "$work/alarms")" && ! grep -v '^None$' "$work/alarms" | grep -q .
}
expect 'no alarm is raised' no_alarm

# 5. What AWS really writes, for docs/facts.md.
aws logs filter-log-events --log-group-name "/aws/eks/$cluster/cluster" --filter-pattern "\"$session\"" --max-items 1 \
  --query 'events[0].message' --output text > "$work/shape-the-audit-event" 2> /dev/null
aws cloudtrail lookup-events --lookup-attributes "AttributeKey=ResourceName,AttributeValue=$role" --max-items 3 \
  --query 'Events[?EventName==`AssumeRole`] | [0].CloudTrailEvent' --output text > "$work/shape-the-grant" 2> /dev/null
aws logs describe-log-streams --log-group-name "/aws/eks/$cluster/cluster" --query 'logStreams[].logStreamName' \
  --output json > "$work/shape-the-log-streams" 2> /dev/null
# The key's id is no secret, but nobody needs it.
sed 's/ASIA[A-Z0-9]\{16\}/ASIAEXAMPLEEXAMPLE00/g; s/"sessionToken": *"[^"]*"/"sessionToken":"…"/' "$work/shape-the-grant" > "$work/masked" &&
  mv "$work/masked" "$work/shape-the-grant"

remove
write_report
[ "$failed" -eq 0 ]
