/**
 * The month of the prices. They are list prices of us-east-1 in US dollars, without free tiers and discounts. No AWS
 * pricing page was read, so check the prices for your Region. Source: AWS's pricing pages as third parties repeated
 * them in 2026. DynamoDB: airbyte.com, "Amazon DynamoDB Pricing". CloudWatch: cloudburn.io and c3x.dev, June 2026.
 * Other prices are from general knowledge.
 */
export const PRICES_OF = '2026-06';

export const PRICES = {
  /** A GB ingested by CloudWatch Logs (standard log class). */
  logsIngestedGb: 0.5,
  /** A GB-month stored in CloudWatch Logs, compressed. */
  logsStoredGb: 0.03,
  /** A million write request units on demand. */
  writeUnitsMillion: 0.625,
  readUnitsMillion: 0.125,
  tableGbMonth: 0.25,
  pointInTimeGbMonth: 0.2,
  /** A GB-second on arm64. */
  lambdaGbSecond: 0.0000133334,
  lambdaRequestsMillion: 0.2,
  metricMonth: 0.3,
  alarmMonth: 0.1,
  dashboardMonth: 3,
  /** A million recorded traces (aws.amazon.com/xray/pricing, as restated in 2026). */
  tracesMillion: 5,
  httpApiMillion: 1,
  queueRequestsMillion: 0.4,
  /**
   * A million events of 64 KB that one event bus sends to another one, or that a function puts on it. AWS's own
   * management events are free on the bus where they arrive. Source: AWS, "Amazon EventBridge supports sharing events
   * between event buses" (May 2021, billed as custom events), and aws.amazon.com/eventbridge/pricing.
   */
  busEventsMillion: 1,
} as const;
