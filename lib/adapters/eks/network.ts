import { type AwsSettings, callAws, clientSettings } from '../aws/aws-settings.ts';

/**
 * Calls EC2 DescribeNetworkInterfaces (all pages). Returns the private IP addresses of a cluster's API server. EKS
 * creates its interfaces in the cluster's VPC, with the description `Amazon EKS <cluster>`. Many rely on that, but no
 * AWS document promises it (aws/containers-roadmap#221). A filter would read `*` and `?` as wildcards, but names of
 * clusters have neither.
 */
export async function endpointAddresses(
  settings: AwsSettings,
  cluster: string,
  vpcId: string | undefined,
): Promise<readonly string[]> {
  const { EC2Client, paginateDescribeNetworkInterfaces } = await import('@aws-sdk/client-ec2');
  const Filters = [
    { Name: 'description', Values: [`Amazon EKS ${cluster}`] },
    ...(vpcId === undefined ? [] : [{ Name: 'vpc-id', Values: [vpcId] }]),
  ];
  return callAws('ec2:DescribeNetworkInterfaces', settings, new EC2Client(clientSettings(settings)), async (client) => {
    const addresses: string[] = [];
    for await (const page of paginateDescribeNetworkInterfaces({ client, stopOnSameToken: true }, { Filters })) {
      addresses.push(...(page.NetworkInterfaces ?? []).flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? []));
    }
    return addresses;
  });
}

/** Calls EC2 DescribeRegions. Returns the Regions that are enabled in the account. */
export async function enabledRegions(settings: AwsSettings): Promise<readonly string[]> {
  const { DescribeRegionsCommand, EC2Client } = await import('@aws-sdk/client-ec2');
  const found = await new EC2Client(clientSettings(settings)).config.region().catch(() => 'us-east-1');
  const anywhere = { ...settings, region: found };
  return callAws('ec2:DescribeRegions', anywhere, new EC2Client(clientSettings(anywhere)), async (client) => {
    const { Regions = [] } = await client.send(new DescribeRegionsCommand({ AllRegions: false }));
    return Regions.flatMap(({ RegionName }) => RegionName ?? []).sort();
  });
}
