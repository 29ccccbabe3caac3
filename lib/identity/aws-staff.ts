/**
 * Who of AWS's own staff a username stands for, in words; undefined for all others. `eks:support-engineer` is a "special
 * user identity" by which AWS's people work on a cluster (EKS User Guide, "Understand Amazon EKS created RBAC roles and
 * users"; FACTS).
 *
 * Trust: EKS refuses such a name to access entries, aws-auth does not: whoever may edit aws-auth can give it to a role.
 * Where the grant of such a session is known, the record is no `system` any more (flag `eks-name-used-by-person`).
 */
export function awsStaffOf(username: string | undefined): string | undefined {
  return username === 'eks:support-engineer' ? "AWS's staff" : undefined;
}
