import { type Form, form } from './gathering.ts';
import type { Circumstances, Subject } from './subject.ts';

/** A service and its workload, as WHO and `known` have them: `lambda.amazonaws.com (arn:…)`, `pods.eks.amazonaws.com (ns/pod)`. */
const OF_SERVICE = /^[a-z0-9.-]{1,128}\.amazonaws\.com(?:\.cn)? \([^()\r\n]{1,1024}\)$/;
/** A person with the directory that names him (CONTRACT, `actor.knownAs`). */
const OF_DIRECTORY = /^[^\s()]{1,256} \(d-[0-9a-z]{10}(?: of \d{12})?\)$/;

/** An actor as answers show him: whoever reads one may ask about it. Undefined of any other text. */
export function shownNameForm(text: string, told: Circumstances = {}): Form | undefined {
  const isShown = OF_SERVICE.test(text) || OF_DIRECTORY.test(text);
  return isShown ? form('shown-name', [{ by: 'person', person: text, told }]) : undefined;
}

/**
 * Services in which code of customers runs, with credentials of theirs: CloudTrail's `inScopeOf.credentialsIssuedTo` names the
 * function, the task or the like by its ARN. Source: CloudTrail User Guide, "CloudTrail userIdentity element", `inScopeOf`.
 */
const WORKLOAD =
  /^arn:[a-z0-9-]{1,32}:(?:lambda|ec2|ecs|batch|codebuild|codepipeline|glue|sagemaker|states|apprunner|elasticmapreduce|emr-serverless|bedrock|bedrock-agentcore):[a-z0-9-]{1,32}:\d{12}:\S{1,1024}$/;
const INSTANCE = /:instance\/(i-[0-9a-f]{8,17})$/;

export function isWorkloadArn(word: string): boolean {
  return WORKLOAD.test(word);
}

/** The ARN of a function, a task, an instance: an instance acts under its id alone. */
export function workloadForm(word: string, told: Circumstances = {}): Form | undefined {
  if (!isWorkloadArn(word)) return undefined;
  const instance = INSTANCE.exec(word)?.[1];
  const names = instance === undefined ? [word] : [instance, word];
  return form(
    'workload-arn',
    names.map((person): Subject => ({ by: 'person', person, told })),
  );
}
