import type { PodOfRequest, RelatedAnswer, SessionAround } from './related-answer.ts';

/** The same answer with so many rows of each list at most; what is left out is counted. */
export function shortenedRelated(answer: RelatedAnswer, most: number): RelatedAnswer {
  const requests = answer.requests.map(({ session, serviceAccount, pod, candidates, ...rest }) => ({
    ...rest,
    session: session && shortenedSession(session, most),
    serviceAccount: serviceAccount && {
      ...serviceAccount,
      tokens: serviceAccount.tokens.slice(0, most),
      leftOut: leftOut(serviceAccount.leftOut, most, serviceAccount.tokens),
    },
    pod: pod && shortenedPod(pod, most),
    candidates: candidates.slice(0, most),
  }));
  return { ...answer, requests };
}

function shortenedSession(session: SessionAround, most: number): SessionAround {
  const { requests, otherKeys, leftOut: left, otherKeysLeftOut } = session;
  return {
    ...session,
    requests: requests.slice(0, most),
    leftOut: leftOut(left, most, requests),
    otherKeys: otherKeys?.slice(0, most),
    otherKeysLeftOut: leftOut(otherKeysLeftOut, most, otherKeys ?? []),
  };
}

function shortenedPod(pod: PodOfRequest, most: number): PodOfRequest {
  const { changes, entries } = pod;
  return {
    ...pod,
    changes: changes.slice(0, most),
    entries: entries.slice(0, most),
    leftOut: leftOut(pod.leftOut, most, changes, entries),
  };
}

function leftOut(before: number | undefined, most: number, ...lists: readonly (readonly unknown[])[]) {
  const left = lists.reduce((sum, { length }) => sum + Math.max(0, length - most), before ?? 0);
  return left > 0 ? left : undefined;
}
