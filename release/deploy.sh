#!/bin/sh
# From the files of a release to a running service: brings them to a bucket and deploys one of the templates.
#
#   sh eks-whois-<version>-deploy.sh hub|spoke|organization REGION BUCKET [Parameter=value …] [option …]
#
# The code lies in the bucket BUCKET-REGION of one's own account, for an organization in one of each of its SpokeRegions; a bucket that
# there is not is made, and the organization let in to read. Options are those of `aws cloudformation deploy`, as --tags, --role-arn,
# --stack-name, --no-execute-changeset. Credentials are the AWS command line's own. What is not given at an update stays as it was.
set -eu

usage() {
  sed -n 's/^#   //p' "$0" >&2
  exit 2
}
[ $# -ge 3 ] || usage
kind=$1 region=$2 bucket=$3
shift 3
folder=$(dirname "$0")
release=$(basename "$0" -deploy.sh)
prefix=eks-whois/
case $kind in
  hub) stack=eks-whois-prod ;;
  spoke | organization) stack=eks-whois-$kind ;;
  *) usage ;;
esac

regions=$region
spokes=
call_as=SELF
before=
for given in "$@"; do
  case $given in
    SpokeRegions=*) spokes=$(echo "${given#*=}" | tr ',' ' ') ;;
    CallAs=*) call_as=${given#*=} ;;
  esac
  [ "$before" != --stack-name ] || stack=$given
  before=$given
done
if [ "$kind" = organization ]; then
  [ -n "$spokes" ] || { echo 'Say in which Regions each account is to have a spoke: SpokeRegions=eu-west-1,us-east-1' >&2; exit 2; }
  regions=$spokes
  organization=$(aws organizations describe-organization --query Organization.Arn --output text)
fi

# Who is in the organization may read, and nobody else: Lambda takes a spoke's code in the spoke's own name. Whoever may not read
# a policy does not know that there is none.
let_in() {
  denied=$(aws s3api get-bucket-policy --bucket "$1" --region "$2" 2>&1 > /dev/null) && return
  case $denied in *NoSuchBucketPolicy*) ;; *) echo "$denied" >&2; exit 1 ;; esac
  partition=$(echo "$organization" | cut -d : -f 2)
  aws s3api put-bucket-policy --bucket "$1" --region "$2" --policy '{
    "Version": "2012-10-17",
    "Statement": [{
      "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:'"$partition:s3:::$1/$prefix"'*",
      "Condition": {"StringEquals": {"aws:PrincipalOrgID": "'"${organization##*/}"'"}}
    }]
  }'
}

# A bucket's name can be guessed, and taken by another account first that lets anybody write, to change the code afterwards.
account=$(aws sts get-caller-identity --query Account --output text)
for each in $regions; do
  place=$bucket-$each
  aws s3api head-bucket --bucket "$place" --region "$each" --expected-bucket-owner "$account" > /dev/null 2>&1 ||
    aws s3 mb "s3://$place" --region "$each"
  [ "$kind" != organization ] || let_in "$place" "$each"
  echo "code: s3://$place/$prefix"
  aws s3 sync "$folder" "s3://$place/$prefix" --region "$each" --only-show-errors \
    --exclude '*' --include "$release-*.zip" --include "$release-spoke.yaml"
done

case $kind in
  organization)
    place=$bucket-${regions%% *}
    set -- "TemplateUrl=https://$place.s3.${regions%% *}.amazonaws.com/$prefix$release-spoke.yaml" "$@"
    ;;
  *) set -- CodeBucketOfRegion=true "$@" ;;
esac
# A template of more than 51,200 bytes comes by a bucket.
aws cloudformation deploy --region "$region" --stack-name "$stack" --template-file "$folder/$release-$kind.yaml" \
  --s3-bucket "$bucket-${regions%% *}" --s3-prefix "${prefix}templates" --capabilities CAPABILITY_NAMED_IAM \
  --no-fail-on-empty-changeset --parameter-overrides CodeBucket="$bucket" CodePrefix="$prefix" "$@"

for given in "$@"; do [ "$given" != --no-execute-changeset ] || exit 0; done
outputs() {
  aws cloudformation describe-stacks --region "$region" --stack-name "$stack" --query "Stacks[0].Outputs[$1" --output text
}
if [ "$kind" = organization ]; then
  aws cloudformation list-stack-instances --region "$region" --stack-set-name "$(outputs "?OutputKey=='StackSetId'].OutputValue")" \
    --call-as "$call_as" --query 'Summaries[].[Account,Region,Status]' --output text
else
  outputs '].[OutputKey,OutputValue]'
fi
