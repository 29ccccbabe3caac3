/** What `eks-whois` alone says: what to paste, and where to begin. */
export const GUIDE = `eks-whois: which person did this to our EKS cluster?

Paste what you have, in quotes or on standard input; it is recognised without being told:
  eks-whois '<audit event, CloudTrail record, GuardDuty or Security Hub finding, error line of kubectl>'
  eks-whois ASIA…                          an access key id
  eks-whois AROA…:<session name>           a session, or its ARN
  eks-whois alice@example.com              a person, an IAM user, a role: the sessions
  pbpaste | eks-whois                      the clipboard (xclip -o, wl-paste, Get-Clipboard)

Who answers:
  CloudTrail's event history, with your AWS credentials, unless you say otherwise: nothing needs to be deployed
  --cloudtrail AWSLogs/                    CloudTrail files, with no AWS account
  --table eks-whois-prod, --api <url>      the deployed service

Each answer prints the commands that come next. No logs at hand? In a checkout, with the examples:
  npx eks-whois ASIA77YCHGK2XEXAMPLE --audit examples/audit --cloudtrail examples/cloudtrail

Where to begin:
  eks-whois doctor                         what in your account keeps sessions from being named
  eks-whois --help                         all commands
`;
