/**
 * Returns in words for which of AWS's own staff a username stands. Undefined for all other usernames.
 * `eks:support-engineer` is a "special user identity" with which AWS's people work on a cluster. Source: EKS User
 * Guide, "Understand Amazon EKS created RBAC roles and users"; FACTS.
 * Trust: EKS refuses such a name in access entries, but aws-auth does not. Whoever may edit aws-auth can give it to a
 * role. If the grant of such a session is known, the record's status is no longer `system` (flag
 * `eks-name-used-by-person`).
 */
export function awsStaffOf(username: string | undefined): string | undefined {
  return username === 'eks:support-engineer' ? "AWS's staff" : undefined;
}
