import { PublishCommand, type PublishCommandInput, type SNSClient } from '@aws-sdk/client-sns';
import type { Alert } from '../../claims/alert.ts';
import type { Alerts } from '../../ports.ts';
import { alertSubject, alertText } from './alert-text.ts';

/** Publishes alerts to a topic: in words to e-mail, as JSON to everything else that subscribes. */
export class SnsAlerts implements Alerts {
  readonly #client: SNSClient;
  readonly #topic: string;

  constructor(client: SNSClient, topic: string) {
    this.#client = client;
    this.#topic = topic;
  }

  /** @throws what the SDK throws: then the alert was perhaps not published, and is to be published again. */
  async publish(alert: Alert): Promise<void> {
    await this.#client.send(new PublishCommand(publishRequest(this.#topic, alert)));
  }
}

/** `kind` and `cause` are attributes, so that a subscription can choose by its filter policy. */
function publishRequest(topic: string, alert: Alert): PublishCommandInput {
  const text = alertText(alert);
  return {
    TopicArn: topic,
    Subject: alertSubject(alert),
    MessageStructure: 'json',
    Message: JSON.stringify({ default: JSON.stringify(alert), email: text }),
    MessageAttributes: {
      kind: { DataType: 'String', StringValue: alert.kind },
      cause: { DataType: 'String.Array', StringValue: JSON.stringify(alert.causes) },
    },
  };
}
