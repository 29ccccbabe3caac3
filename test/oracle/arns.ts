/** A role as both the cluster and CloudTrail can name it. The cluster's ARNs lack the role's path. */
export type RoleName = { readonly partition: string; readonly accountId: string; readonly roleName: string };

export function roleOfIamArn(arn: string | undefined): RoleName | undefined {
  const [, partition, accountId, rest] = /^arn:([^:]+):iam::([^:]*):role\/(.+)$/.exec(arn ?? '') ?? [];
  if (partition === undefined || accountId === undefined || rest === undefined) return undefined;
  return { partition, accountId, roleName: afterLastSlash(rest) };
}

export function sessionOfStsArn(arn: string | undefined): (RoleName & { sessionName: string }) | undefined {
  const [, partition, accountId, role, sessionName] =
    /^arn:([^:]+):sts::([^:]*):assumed-role\/(.+)\/([^/]*)$/.exec(arn ?? '') ?? [];
  if (partition === undefined || accountId === undefined || role === undefined || sessionName === undefined)
    return undefined;
  return { partition, accountId, roleName: afterLastSlash(role), sessionName };
}

export function isSameRole(a: RoleName | undefined, b: RoleName | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.partition === b.partition && a.accountId === b.accountId && a.roleName === b.roleName;
}

export function nameOfFederatedArn(arn: string | undefined): string | undefined {
  return /^arn:[^:]+:sts::[^:]*:federated-user\/(.+)$/.exec(arn ?? '')?.[1];
}

export function nameOfUserArn(arn: string | undefined): string | undefined {
  const path = /^arn:[^:]+:iam::[^:]*:user\/(.+)$/.exec(arn ?? '')?.[1];
  return path === undefined ? undefined : afterLastSlash(path);
}

export function accountOf(principal: string | undefined): string | undefined {
  return /^(\d{12})$/.exec(principal ?? '')?.[1] ?? /^arn:[^:]+:iam::(\d{12}):/.exec(principal ?? '')?.[1];
}

/** Returns the service in a workload's ARN: `lambda` of `arn:aws:lambda:…`. */
export function serviceOfArn(arn: string | undefined): string | undefined {
  return /^arn:[^:]+:([a-z0-9-]+):/.exec(arn ?? '')?.[1];
}

function afterLastSlash(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
