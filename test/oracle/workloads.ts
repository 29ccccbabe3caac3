import { type Draft, writeRoleGrant, writeUse } from './calls.ts';
import { callTime, SECOND } from './clock.ts';
import type { Draw } from './draw.ts';
import { hop, ordinaryRole } from './hops.ts';
import { assumedRole, behalf, iamUser, type Session, service, workload } from './identities.ts';
import { ADMIN, type Json, NAMES, OPS, UNLISTED_KEYS } from './pools.ts';

export function serviceAssumesRole(draft: Draft): void {
  const { draw } = draft;
  // Few other records state the role `ops`, so that its ID and its name often stay unconnected.
  const call = { caller: service(draw), role: draw.pick([ordinaryRole(draw), OPS]), name: draw.pick(NAMES) };
  const session = writeRoleGrant(draft, { ...call, namesSession: draw.chance(0.5) });
  if (draw.chance(0.3)) hop(draft, session, ordinaryRole(draw), draw.pick(NAMES));
  if (draw.chance(0.3)) writeUse(draft, session, draw.pick([session.key, draw.pick(UNLISTED_KEYS)]));
}

export function podAssumesRole(draft: Draft): void {
  const { draw } = draft;
  const tags = [
    { key: 'kubernetes-namespace', value: 'shop' },
    { key: 'kubernetes-pod-name', value: draw.pick(['cart-0', 'cart-1']) },
  ];
  // Tags describe a pod only if Pod Identity itself wrote them.
  const caller = service(draw, draw.chance(0.85) ? 'pods.eks.amazonaws.com' : 'ec2.amazonaws.com');
  const request = { tags: draw.chance(0.85) ? tags : tags.slice(1) };
  writeRoleGrant(draft, { caller, role: ordinaryRole(draw), name: draw.pick(NAMES), request });
}

/** Writes a session of Roles Anywhere. The holder may choose its name; the subject is the certificate's. */
export function certificateHolderAssumesRole(draft: Draft): void {
  const { draw } = draft;
  const caller = service(draw, draw.chance(0.9) ? 'rolesanywhere.amazonaws.com' : 'ec2.amazonaws.com');
  const value = draw.pick(['laptop-9.example.com', 'CN=laptop-9.example.com']);
  const tags = [
    { key: 'x509Issuer/CN', value: 'the-authority' },
    ...(draw.chance(0.5) ? [{ key: 'x509Subject/CN', value }] : []),
  ];
  writeRoleGrant(draft, { caller, role: ordinaryRole(draw), name: draw.pick(NAMES), request: { tags } });
}

/** Writes sessions without a known grant. Their uses, or their calls for others, say what they are. */
export function workloadSpeaks(draft: Draft): void {
  const { draw } = draft;
  const at = callTime(draw);
  const name = draw.pick(['i-0abc123def4567890', 'i-0abc123def4567890', ...NAMES]);
  const session = { role: ordinaryRole(draw), name, key: draw.pick(UNLISTED_KEYS), at, expires: at + 3600 * SECOND };
  if (draw.chance(0.35)) {
    writeRoleGrant(draft, { caller: speaking(draw, session), role: ordinaryRole(draw), name: draw.pick(NAMES) });
    return;
  }
  for (let uses = draw.pick([1, 2, 2]); uses > 0; uses -= 1) {
    writeUse(draft, session, session.key);
    const use = draft.records.at(-1);
    if (use) use.userIdentity = speaking(draw, session);
  }
}

function speaking(draw: Draw, session: Session): Json {
  const own = assumedRole(draw, session);
  const both = { ...workload(draw), ...behalf(draw) };
  const { ec2RoleDelivery, ...word } = draw.pick<Json>([
    workload(draw),
    { ec2RoleDelivery: '2.0' },
    behalf(draw),
    both,
  ]);
  const context = own.sessionContext as Json;
  return { ...own, sessionContext: ec2RoleDelivery ? { ...context, ec2RoleDelivery } : context, ...word };
}

/** Writes an instance's role session by EC2, and a person's with the same name. */
export function instanceAndThief(draft: Draft): void {
  const { draw } = draft;
  const instance = { role: ADMIN, name: 'i-0abc123def4567890', at: callTime(draw) };
  if (draw.chance(0.7)) writeRoleGrant(draft, { ...instance, caller: service(draw, 'ec2.amazonaws.com') });
  if (draw.chance(0.7)) writeRoleGrant(draft, { ...instance, caller: iamUser(draw) });
}
