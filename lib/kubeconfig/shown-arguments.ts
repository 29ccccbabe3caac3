/** Options whose values are no secrets: those of `aws eks get-token` and of `aws-iam-authenticator token`. */
const HARMLESS_OPTIONS =
  /^(?:--cluster-name|--cluster-id|--region|--output|--profile|--role-arn|--role|--session-name|-i|-r)$/;
const HARMLESS_WORDS = /^(?:eks|get-token|token|--[a-z][a-z-]*|-[a-z])$/i;

/** Whether an argument is known for no secret, by itself or by the one before it; anything else could be a password. */
export function isShownArgument(word: string | undefined, before: string | undefined): boolean {
  if (word === undefined) return false;
  const [, option] = /^(--[a-z-]+)=/.exec(word) ?? [];
  return HARMLESS_WORDS.test(word) || [option, before].some((one) => one !== undefined && HARMLESS_OPTIONS.test(one));
}
