import { filledTextAt, type JsonObject, objectAt } from '../json.ts';
import type { EpochMillis } from '../time.ts';
import type { TrailCaller } from './caller.ts';
import { evidenceOf } from './evidence-events.ts';

/**
 * A SAML provider that somebody else than Identity Center created, changed or deleted. An administrator of a member
 * account can replace Identity Center's provider with one of their own (FACTS). Source: IAM API reference,
 * CreateSAMLProvider, UpdateSAMLProvider, DeleteSAMLProvider.
 */
export interface ProviderChange {
  readonly providerArn: string;
  readonly at: EpochMillis;
}

const IDENTITY_CENTER = 'sso.amazonaws.com';

/** Returns the change. Undefined for other records, for failed calls, and for changes by Identity Center itself. */
export function providerChangeOf(
  record: JsonObject,
  caller: TrailCaller,
  at: EpochMillis | undefined,
): ProviderChange | undefined {
  const evidence = evidenceOf(filledTextAt(record, 'eventSource'), filledTextAt(record, 'eventName'));
  if (evidence?.is !== 'provider-change' || at === undefined || filledTextAt(record, 'errorCode')) return undefined;
  if (caller.service === IDENTITY_CENTER) return undefined;
  const providerArn = providerOf(record, caller);
  return providerArn === undefined ? undefined : { providerArn, at };
}

/**
 * Returns the ARN of the provider. CreateSAMLProvider has its name in the request, and its ARN only in the response.
 */
function providerOf(record: JsonObject, { accountId, arn }: TrailCaller): string | undefined {
  const request = objectAt(record, 'requestParameters');
  const stated =
    filledTextAt(request, 'sAMLProviderArn') ?? filledTextAt(objectAt(record, 'responseElements'), 'sAMLProviderArn');
  const name = filledTextAt(request, 'name');
  const account = filledTextAt(record, 'recipientAccountId') ?? accountId;
  if (stated !== undefined || name === undefined || account === undefined) return stated;
  return `arn:${arn?.split(':')[1] ?? 'aws'}:iam::${account}:saml-provider/${name}`;
}
