/** The text that `eks-whois` prints without arguments: what to paste, and where to begin. */
export const GUIDE = `eks-whois: which person did this to our EKS cluster?

Paste what you have, in quotes or on standard input. eks-whois recognizes what it is.
  eks-whois '<audit event, CloudTrail record, GuardDuty or Security Hub finding,
              or error message of kubectl>'
  eks-whois ASIA…                     an access key ID
  eks-whois AROA…:<session name>      a session, also by its ARN
  eks-whois alice@example.com         a person, an IAM user or a role
  pbpaste | eks-whois                 the clipboard (xclip -o, wl-paste, Get-Clipboard)

Where it looks:
  (no option)                         CloudTrail's event history, with your AWS
                                      credentials. Nothing needs to be deployed.
  --cloudtrail AWSLogs/               CloudTrail files, without an AWS account
  --table eks-whois-prod              a deployed service, by its tables
  --api <url>                         a deployed service, by its API

Each answer ends with the commands to run next. Without logs of your own, try the
examples in a checkout:
  npx eks-whois ASIA77YCHGK2XEXAMPLE --audit examples/audit --cloudtrail examples/cloudtrail

Where to begin:
  eks-whois doctor                    find what keeps sessions unidentified
  eks-whois --help                    list all commands
`;
