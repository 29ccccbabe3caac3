import { sub, type Value } from './cloudformation.ts';
import type { Deployment } from './deployment.ts';

/** Principals of other accounts that are let in, as a statement names them. */
export interface Admission {
  readonly sid: string;
  readonly Principal: Value;
  readonly Condition: Readonly<Record<string, Readonly<Record<string, Value>>>>;
}

/**
 * Those of listed accounts, and all of an organization or of its units (IAM User Guide, "AWS global condition context keys":
 * `aws:PrincipalOrgID`, `aws:PrincipalOrgPaths`). An account is named by its id, which means the same as its root's ARN.
 */
export function admissionsOf(of: Deployment): readonly Admission[] {
  const listed = of.accounts.length === 0 ? [] : [listedAccounts(of)];
  return of.organization === undefined ? listed : [...listed, ofOrganization(of, of.organization)];
}

function listedAccounts(of: Deployment): Admission {
  return { sid: 'OtherAccounts', Principal: { AWS: of.accounts }, Condition: {} };
}

function ofOrganization({ organizationPaths }: Deployment, organization: string): Admission {
  return {
    sid: 'Organization',
    Principal: '*',
    Condition: {
      StringEquals: { 'aws:PrincipalOrgID': organization },
      ...(organizationPaths.length > 0 && {
        'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': organizationPaths },
      }),
    },
  };
}

/** The roles of a function in any account, by the names that its stack gives them. */
export function rolesAnywhere(of: Deployment, functionName: string): Value {
  const { rolePath, roleNamePrefix = '', prefix } = of;
  return sub(`arn:\${AWS::Partition}:iam::*:role${rolePath}${roleNamePrefix}${prefix}-${functionName}-*`);
}
