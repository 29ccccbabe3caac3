import { INSTANCE_ID_SHAPE } from '../identity/session-name.ts';
import { type Form, form } from './form-collector.ts';
import type { Circumstances, Subject } from './subject.ts';

/** Matches a workload with its service, as answers show it: `lambda.amazonaws.com (arn:…)`, `pods.eks.amazonaws.com (ns/pod)`. */
const OF_SERVICE = /^[a-z0-9.-]{1,128}\.amazonaws\.com(?:\.cn)? \([^()\r\n]{1,1024}\)$/;
/** Matches a person with the directory that has the name (CONTRACT, `actor.knownAs`). */
const OF_DIRECTORY = /^[^\s()]{1,256} \(d-[0-9a-z]{10}(?: of \d{12})?\)$/;

/** Returns the form of an actor's name as answers show it. Undefined for any other text. */
export function shownNameForm(text: string, circumstances: Circumstances = {}): Form | undefined {
  const isShown = OF_SERVICE.test(text) || OF_DIRECTORY.test(text);
  return isShown ? form('shown-name', [{ by: 'person', person: text, circumstances }]) : undefined;
}

/**
 * Matches ARNs of functions, tasks and other workloads that run customers' code with their credentials. CloudTrail
 * names the workload by this ARN in `inScopeOf.credentialsIssuedTo`. Source: CloudTrail User Guide, "CloudTrail
 * userIdentity element", `inScopeOf`.
 */
const WORKLOAD =
  /^arn:[a-z0-9-]{1,32}:(?:lambda|ec2|ecs|batch|codebuild|codepipeline|glue|sagemaker|states|apprunner|elasticmapreduce|emr-serverless|bedrock|bedrock-agentcore):[a-z0-9-]{1,32}:\d{12}:\S{1,1024}$/;
const INSTANCE = new RegExp(`:instance/(${INSTANCE_ID_SHAPE})$`);

export function isWorkloadArn(word: string): boolean {
  return WORKLOAD.test(word);
}

/**
 * Returns the form of the ARN of a function, a task or an instance. For an instance, the subject is its ID alone,
 * because this is the name under which it acts.
 */
export function workloadForm(word: string, circumstances: Circumstances = {}): Form | undefined {
  if (!isWorkloadArn(word)) return undefined;
  const instance = INSTANCE.exec(word)?.[1];
  const names = instance === undefined ? [word] : [instance, word];
  return form(
    'workload-arn',
    names.map((person): Subject => ({ by: 'person', person, circumstances })),
  );
}
