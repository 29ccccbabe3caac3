import { isJsonObject } from '../../lib/json.ts';
import { VERSION } from '../environment.ts';
import { ROLL_OUT_NAME } from '../event-buses.ts';
import { declarations } from './parameters.ts';
import type { PlainTemplate } from './template.ts';

/**
 * Returns a template for the management account or a delegated administrator. It deploys the spoke to every account of
 * an organization's units, in each Region. New accounts get a spoke automatically (CloudFormation User Guide, "Create
 * StackSets with service-managed permissions"). The template has no transform, because such stacks cannot have one.
 * StackSets deploys no spoke to the management account itself.
 * @param rollOut the code of the function that reports the spokes to the hub, as a CommonJS module.
 */
export function organizationTemplate(
  spoke: PlainTemplate,
  rollOut: string,
): Omit<PlainTemplate, 'Outputs'> & { Outputs: object } {
  const elsewhere = Object.keys(declarations('spoke')).filter((name) => !(name in declarations('organization')));
  const passed = Object.keys(spoke.Parameters).filter(
    (name) => name !== 'CodeBucketOfRegion' && !elsewhere.includes(name),
  );
  const declared: Record<string, object> = Object.fromEntries(
    passed.map((name) => [name, spoke.Parameters[name] ?? {}]),
  );
  declared.CodeBucket = { ...declared.CodeBucket, Description: CODE_BUCKETS };
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description:
      'eks-whois for an organization: a StackSet that deploys its spoke to every account of the units and to the Regions.',
    Metadata: {
      'AWS::CloudFormation::Interface': {
        ParameterGroups: [
          { Label: { default: 'Accounts and Regions' }, Parameters: Object.keys(OWN_PARAMETERS) },
          { Label: { default: 'Parameters of the spoke' }, Parameters: passed },
        ],
      },
    },
    Parameters: { ...OWN_PARAMETERS, ...declared },
    Rules: RULES,
    Conditions: {
      SwitchesAuditLogsOn: { 'Fn::Equals': [{ Ref: 'SwitchAuditLogsOn' }, 'true'] },
      ReportsRollOut: { 'Fn::Equals': [{ Ref: 'ReportRollOut' }, 'true'] },
      ReportsAsDelegate: {
        'Fn::And': [{ Condition: 'ReportsRollOut' }, { 'Fn::Equals': [{ Ref: 'CallAs' }, 'DELEGATED_ADMIN'] }],
      },
      LeavesAccountsOut: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'ExceptAccounts' }, ''] }] },
      HasPermissionsBoundary: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'PermissionsBoundary' }, ''] }] },
      HasHubLostEmail: {
        'Fn::And': [{ Condition: 'ReportsRollOut' }, { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'HubLostEmail' }, ''] }] }],
      },
    },
    Resources: {
      Spokes: spokes(passed, declared),
      AuditLogs: AUDIT_LOGS,
      ...rollOutResources(rollOut),
      ...hubWatchResources(),
    },
    Outputs: {
      StackSetId: { Description: 'The StackSet', Value: { Ref: 'Spokes' } },
      HubLostTopic: {
        Description: 'The topic of the alarm that is raised if the hub no longer accepts the reports of the roll-out',
        Condition: 'ReportsRollOut',
        Value: { Ref: 'HubLost' },
      },
      // StackSets goes on if a tenth of the accounts fail. This stack then succeeds, and shows no failure.
      FailedSpokesCommand: {
        Description: 'The command that lists the accounts and Regions without a spoke of this release, with the reason',
        Value: { 'Fn::Sub': FAILED_SPOKES },
      },
      StaysAfterRemoval: {
        Description: 'What stays when this stack is deleted. docs/accounts.md says how to delete it',
        Value: 'The buckets with the code, and the audit logs that SwitchAuditLogsOn turned on',
      },
    },
  };
}

const FAILED_SPOKES =
  'aws cloudformation list-stack-instances --region ${AWS::Region} --stack-set-name ${Prefix}-spokes --call-as ${CallAs} --output text ' +
  `--query "Summaries[?Status!='CURRENT' && StackInstanceStatus.DetailedStatus!='SKIPPED_SUSPENDED_ACCOUNT'].[Account,Region,StatusReason]"`;

const CODE_BUCKETS =
  "The beginning of the names of the buckets with the functions' zip files: <CodeBucket>-<Region> in each of SpokeRegions";

const OWN_PARAMETERS = {
  TemplateUrl: {
    Type: 'String',
    Description: 'The URL of eks-whois-<version>-spoke.yaml: https://<bucket>.s3.<Region>.amazonaws.com/<key>',
    AllowedPattern: '^https://.+$',
  },
  OrganizationalUnits: {
    Type: 'CommaDelimitedList',
    Description: 'The organizational units (ou-…), or the root (r-…) for all accounts except the management account',
  },
  ExceptAccounts: {
    Type: 'String',
    Description:
      'Accounts of these units that are to have no spoke, separated by commas. The StackSet leaves them out, and no alarm says that they have none',
    Default: '',
    AllowedPattern: String.raw`^(?:\d{12}(?:,\d{12})*)?$`,
  },
  SpokeRegions: { Type: 'CommaDelimitedList', Description: 'The Regions in which each account gets a spoke' },
  CallAs: {
    Type: 'String',
    Description: 'DELEGATED_ADMIN if this is not the management account',
    Default: 'SELF',
    AllowedValues: ['SELF', 'DELEGATED_ADMIN'],
  },
  ReportRollOut: {
    Type: 'String',
    Description:
      'Whether a function of this stack tells the hub each hour which accounts have a spoke, which have none, and where creating or updating it failed',
    Default: 'true',
    AllowedValues: ['true', 'false'],
  },
  HubLostEmail: {
    Type: 'String',
    Description:
      'The email address that receives the alarm if that function fails for three hours. Then the hub may be gone, and no other alarm reaches anybody',
    Default: '',
    AllowedPattern: String.raw`^$|^[^\s@]+@[^\s@]+$`,
  },
  SwitchAuditLogsOn: {
    Type: 'String',
    Description:
      'Whether a telemetry rule turns on the audit logs of all clusters of the organization in the Region of this stack. Only in the management account or in a delegated administrator account of CloudWatch, where telemetry evaluation must be on first',
    Default: 'false',
    AllowedValues: ['true', 'false'],
  },
} as const;

const isIn = (region: string) => ({ 'Fn::Contains': [{ Ref: 'SpokeRegions' }, { Ref: region }] });
const looksUpIn = (region: string) => ({ 'Fn::Equals': [{ Ref: 'LookupRoleRegion' }, region] });

/**
 * The rule that refuses a list of Regions in which no stack would have the role for look-ups. CloudFormation checks
 * rules before it creates any resource.
 */
const RULES = {
  SomeRegionHasLookupRole: {
    Assertions: [
      {
        Assert: {
          'Fn::Or': [looksUpIn('none'), isIn('LookupRoleRegion'), { 'Fn::And': [looksUpIn(''), isIn('HubRegion')] }],
        },
        AssertDescription:
          'No account would get the role for look-ups. Set LookupRoleRegion to one of SpokeRegions, or to none if other stacks create the role.',
      },
    ],
  },
};

function spokes(passed: readonly string[], declared: Readonly<Record<string, object>>): object {
  const parameters = passed.map((name) => ({ ParameterKey: name, ParameterValue: textOf(name, declared[name]) }));
  // Lambda loads code only from a bucket in its own Region.
  const ofRegion = { ParameterKey: 'CodeBucketOfRegion', ParameterValue: 'true' };
  return {
    Type: 'AWS::CloudFormation::StackSet',
    Properties: {
      StackSetName: { 'Fn::Sub': '${Prefix}-spokes' },
      Description: 'The spokes of eks-whois',
      PermissionModel: 'SERVICE_MANAGED',
      AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
      ManagedExecution: { Active: true },
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      CallAs: { Ref: 'CallAs' },
      TemplateURL: { Ref: 'TemplateUrl' },
      Parameters: [...parameters, ofRegion],
      OperationPreferences: {
        RegionConcurrencyType: 'PARALLEL',
        // Otherwise StackSets works on one account more than may fail at a time, 11 of 100 (FACTS).
        ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE',
        MaxConcurrentPercentage: 25,
        FailureTolerancePercentage: 10,
      },
      StackInstancesGroup: [
        {
          // The hub's account already has a function ingest with the same name.
          DeploymentTargets: {
            OrganizationalUnitIds: { Ref: 'OrganizationalUnits' },
            AccountFilterType: 'DIFFERENCE',
            Accounts: {
              'Fn::If': [
                'LeavesAccountsOut',
                { 'Fn::Split': [',', { 'Fn::Sub': '${HubAccount},${ExceptAccounts}' }] },
                [{ Ref: 'HubAccount' }],
              ],
            },
          },
          Regions: { Ref: 'SpokeRegions' },
        },
      ],
    },
  };
}

function textOf(name: string, declared: object | undefined): object {
  const isList = isJsonObject(declared) && declared.Type === 'CommaDelimitedList';
  return isList ? { 'Fn::Join': [',', { Ref: name }] } : { Ref: name };
}

/**
 * The rule that turns on audit logs, in the Region of the stack. FACTS has the resource type and the source type. AWS
 * does not document which log group such logs of EKS go to.
 */
const AUDIT_LOGS = {
  Type: 'AWS::ObservabilityAdmin::OrganizationTelemetryRule',
  Condition: 'SwitchesAuditLogsOn',
  Properties: {
    RuleName: { 'Fn::Sub': '${Prefix}-audit-logs' },
    Rule: { ResourceType: 'AWS::EKS::Cluster', TelemetryType: 'Logs', TelemetrySourceTypes: ['EKS_AUDIT_LOGS'] },
  },
};

/**
 * Returns the function that reports the StackSet's stacks to the hub, and its role. FACTS has the reason why it may
 * list delegated administrators, and the form of a StackSet's ARN. It may list the units of the whole organization,
 * because the template does not know those within the given ones.
 */
export function rollOutResources(code: string): Record<string, object> {
  const Condition = 'ReportsRollOut';
  const name = `\${Prefix}-${ROLL_OUT_NAME}`;
  const bus = { 'Fn::Sub': 'arn:${AWS::Partition}:events:${HubRegion}:${HubAccount}:event-bus/${Prefix}-spokes' };
  const allow = (Action: string, Resource: unknown) => ({ Effect: 'Allow', Action, Resource });
  const may = [
    allow('cloudformation:ListStackInstances', {
      'Fn::Sub': 'arn:${AWS::Partition}:cloudformation:${AWS::Region}:*:stackset/${Prefix}-spokes:*',
    }),
    allow('events:PutEvents', bus),
    {
      ...allow('logs:PutLogEvents', { 'Fn::GetAtt': ['RollOutLogs', 'Arn'] }),
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    },
    {
      ...allow('', '*'),
      Action: ['organizations:ListAccountsForParent', 'organizations:ListOrganizationalUnitsForParent'],
    },
    { 'Fn::If': ['ReportsAsDelegate', allow('organizations:ListDelegatedAdministrators', '*'), NOTHING] },
  ];
  return {
    RollOutLogs: {
      Type: 'AWS::Logs::LogGroup',
      Condition,
      Properties: { LogGroupName: { 'Fn::Sub': `/aws/lambda/${name}` }, RetentionInDays: { Ref: 'LogDays' } },
    },
    RollOutRole: {
      Type: 'AWS::IAM::Role',
      Condition,
      Properties: {
        RoleName: { 'Fn::Sub': `\${RoleNamePrefix}${name}-\${AWS::Region}` },
        Path: { Ref: 'RolePath' },
        PermissionsBoundary: {
          'Fn::If': [
            'HasPermissionsBoundary',
            { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${PermissionsBoundary}' },
            NOTHING,
          ],
        },
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [{ PolicyName: ROLL_OUT_NAME, PolicyDocument: { Version: '2012-10-17', Statement: may } }],
      },
    },
    RollOut: {
      Type: 'AWS::Lambda::Function',
      Condition,
      DependsOn: ['RollOutLogs'],
      Properties: {
        FunctionName: { 'Fn::Sub': name },
        Description: "Reports the spokes of the organization to the hub's ingest",
        Code: { ZipFile: code },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        MemorySize: 256,
        Timeout: 300,
        Role: { 'Fn::GetAtt': ['RollOutRole', 'Arn'] },
        Environment: {
          Variables: {
            STACK_SET: { 'Fn::Sub': '${Prefix}-spokes' },
            CALL_AS: { Ref: 'CallAs' },
            HUB_REGION: { Ref: 'HubRegion' },
            HUB_BUS_ARN: bus,
            HUB_ACCOUNT: { Ref: 'HubAccount' },
            EXCEPT_ACCOUNTS: { Ref: 'ExceptAccounts' },
            UNITS: { 'Fn::Join': [',', { Ref: 'OrganizationalUnits' }] },
            REGIONS: { 'Fn::Join': [',', { Ref: 'SpokeRegions' }] },
          },
        },
      },
    },
    RollOutSchedule: {
      Type: 'AWS::Events::Rule',
      Condition,
      Properties: {
        Name: { 'Fn::Sub': name },
        ScheduleExpression: 'rate(1 hour)',
        Targets: [{ Id: ROLL_OUT_NAME, Arn: { 'Fn::GetAtt': ['RollOut', 'Arn'] } }],
      },
    },
    RollOutPermission: {
      Type: 'AWS::Lambda::Permission',
      Condition,
      Properties: {
        FunctionName: { 'Fn::GetAtt': ['RollOut', 'Arn'] },
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: { 'Fn::GetAtt': ['RollOutSchedule', 'Arn'] },
      },
    },
  };
}

const NOTHING = { Ref: 'AWS::NoValue' };

/**
 * Returns the alarm about the function that reports the roll-out, with a topic of its own. All other alarms go to the
 * hub's topic, so they are gone with the hub. Missing data raises no alarm, because the hub itself reports if the
 * function stops (`roll-out-silent`).
 */
function hubWatchResources(): Record<string, object> {
  const Condition = 'ReportsRollOut';
  const name = { 'Fn::Sub': `\${Prefix}-${ROLL_OUT_NAME}` };
  return {
    HubLost: {
      Type: 'AWS::SNS::Topic',
      Condition,
      Properties: { TopicName: { 'Fn::Sub': '${Prefix}-hub-lost' } },
    },
    HubLostSubscription: {
      Type: 'AWS::SNS::Subscription',
      Condition: 'HasHubLostEmail',
      Properties: { TopicArn: { Ref: 'HubLost' }, Protocol: 'email', Endpoint: { Ref: 'HubLostEmail' } },
    },
    RollOutAlarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Condition,
      Properties: {
        AlarmName: name,
        AlarmDescription: {
          'Fn::Sub': `The function \${Prefix}-${ROLL_OUT_NAME} has failed for three hours. If the hub in the account \${HubAccount} is gone, no other alarm reaches anybody. Runbook (eks-whois ${VERSION}): \${Runbooks}#${ROLL_OUT_NAME}`,
        },
        AlarmActions: [{ Ref: 'HubLost' }],
        OKActions: [{ Ref: 'HubLost' }],
        Namespace: 'AWS/Lambda',
        MetricName: 'Errors',
        Dimensions: [{ Name: 'FunctionName', Value: name }],
        Statistic: 'Sum',
        Period: 3600,
        EvaluationPeriods: 3,
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
      },
    },
  };
}
