import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  ListBucketsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { parse } from 'yaml';
import { productVersion } from '../../cli/own-files.ts';
import { isJsonObject, type JsonObject, objectAt, textAt } from '../../lib/json.ts';

/** A folder with a release, as `npm run release` writes it. */
export interface Release {
  readonly folder: string;
  readonly version: string;
}

export function releaseIn(folder: string, version = productVersion()): Release {
  return { folder, version };
}

/** Writes the same release under another version's number, as the next one would be. */
export function nextRelease({ folder: from, version }: Release, folder: string, next: string): Release {
  mkdirSync(folder, { recursive: true });
  for (const name of filesOf(from)) {
    const bytes = readFileSync(join(from, name));
    const content = name.endsWith('.yaml') ? bytes.toString().replaceAll(version, next) : bytes;
    writeFileSync(join(folder, name.replace(version, next)), content);
  }
  return releaseIn(folder, next);
}

/** Returns the names of what is deployed: the functions' zips and the templates. */
function filesOf(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => /\.(?:zip|yaml)$/.test(name) && !name.endsWith('-terraform.zip'));
}

/** Returns the zips of the functions, each with the digest that Lambda states. */
export function functionZips({ folder }: Release) {
  const names = filesOf(folder).filter((name) => name.endsWith('.zip'));
  return names.map((name) => {
    const bytes = readFileSync(join(folder, name));
    return { bytes, digest: createHash('sha256').update(bytes).digest('base64') };
  });
}

/** Puts the release into the account's bucket of a Region, which the organization may read, and returns where it lies. */
export async function upload(
  s3: S3Client,
  release: Release,
  { name, region, organization }: CodeBucket,
): Promise<Code> {
  const Bucket = `${name}-${region}`;
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  if (!Buckets.some((bucket) => bucket.Name === Bucket)) {
    const LocationConstraint = region as BucketLocationConstraint;
    const there = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } };
    await s3.send(new CreateBucketCommand({ Bucket, ...there }));
    const readers = {
      ...{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` },
      Condition: { StringEquals: { 'aws:PrincipalOrgID': organization } },
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [readers] }, null, 1);
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  }
  const prefix = `eks-whois/${release.version}/`;
  for (const file of filesOf(release.folder)) {
    const Body = readFileSync(join(release.folder, file));
    await s3.send(new PutObjectCommand({ Bucket, Key: `${prefix}${file}`, Body }));
  }
  const url = (kind: string) =>
    `https://${Bucket}.s3.${region}.amazonaws.com/${prefix}eks-whois-${release.version}-${kind}.yaml`;
  return { parameters: { CodeBucket: name, CodePrefix: prefix }, url };
}

interface CodeBucket {
  /** The beginning of the bucket's name; its Region follows. */
  readonly name: string;
  readonly region: string;
  readonly organization: string;
}

interface Code {
  readonly parameters: Readonly<Record<string, string>>;
  /** Returns the address of a template. */
  readonly url: (kind: string) => string;
}

/** Creates a stack, or updates it. */
export async function deploy(cloudformation: CloudFormationClient, stack: DeployedStack): Promise<void> {
  const { name: StackName, url: TemplateURL, parameters, isNew } = stack;
  const Parameters = Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  }));
  const input = { StackName, TemplateURL, Parameters, Capabilities: ['CAPABILITY_NAMED_IAM' as const] };
  await cloudformation.send(isNew ? new CreateStackCommand(input) : new UpdateStackCommand(input));
  const { Stacks = [] } = await cloudformation.send(new DescribeStacksCommand({ StackName }));
  const status = Stacks[0]?.StackStatus ?? '';
  if (!status.endsWith('_COMPLETE') || status.includes('ROLLBACK')) throw new Error(`${StackName}: ${status}`);
}

interface DeployedStack {
  readonly name: string;
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly isNew: boolean;
}

/** Returns the alarms of the hub as the release's template has them, with the defaults. */
export function alarmsOf({ folder, version }: Release): readonly JsonObject[] {
  const text = readFileSync(join(folder, `eks-whois-${version}-hub.yaml`), 'utf8');
  const template: unknown = parse(text);
  const whole = isJsonObject(template) ? template : undefined;
  const defaults = objectAt(whole, 'Parameters');
  return Object.values(objectAt(whole, 'Resources') ?? {}).flatMap((resource) => {
    if (!isJsonObject(resource) || resource.Type !== 'AWS::CloudWatch::Alarm') return [];
    const properties = objectAt(resource, 'Properties') ?? {};
    const name = textAt(objectAt(properties, 'AlarmName'), 'Fn::Sub') ?? textAt(properties, 'AlarmName') ?? '';
    const threshold = objectAt(defaults, textAt(objectAt(properties, 'Threshold'), 'Ref') ?? '')?.Default;
    const AlarmName = name.replace(/^\$\{Prefix\}-/, '');
    return [{ ...properties, AlarmName, Threshold: threshold ?? properties.Threshold }];
  });
}
