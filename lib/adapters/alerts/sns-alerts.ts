import { PublishCommand, type PublishCommandInput, type SNSClient } from '@aws-sdk/client-sns';
import type { Alert } from '../../claims/alert.ts';
import { type AlertDigest, shortened } from '../../claims/alert-digest.ts';
import type { Alerts } from '../../ports/alerts.ts';
import { alertSubject, alertText } from './alert-text.ts';
import { digestSubject, digestText } from './digest-text.ts';

/**
 * The longest message. SNS accepts 262,144 bytes of message and attributes (Amazon SNS quotas); this leaves room for the
 * attributes.
 */
const LONGEST_MESSAGE = 250_000;

/** Publishes alerts to a topic: as text to email, as JSON to all other subscribers. */
export class SnsAlerts implements Alerts {
  readonly #client: SNSClient;
  readonly #topic: string;

  constructor(client: SNSClient, topic: string) {
    this.#client = client;
    this.#topic = topic;
  }

  /**
   * Publishes the message.
   * @throws what the SDK throws. The message may then not have been published, so publish it again.
   */
  async publish(message: Alert | AlertDigest): Promise<void> {
    const content = message.kind === 'digest' ? digestContent(message) : contentOf(message, alertText(message));
    await this.#client.send(new PublishCommand({ TopicArn: this.#topic, ...content, ...attributesOf(message) }));
  }
}

/** Returns the digest, shortened to what SNS accepts. */
function digestContent(digest: AlertDigest): Pick<PublishCommandInput, 'Message'> {
  const content = contentOf(digest, digestText(digest));
  const less = shortened(digest);
  return Buffer.byteLength(content.Message) <= LONGEST_MESSAGE || less === digest ? content : digestContent(less);
}

function contentOf(message: Alert | AlertDigest, email: string): { readonly Message: string } {
  return { Message: JSON.stringify({ default: JSON.stringify(message), email }) };
}

/**
 * Returns the attributes of the message. `kind` and `cause` are attributes, so that a subscription can select by its
 * filter policy.
 */
function attributesOf(message: Alert | AlertDigest): Omit<PublishCommandInput, 'TopicArn' | 'Message'> {
  return {
    Subject: message.kind === 'digest' ? digestSubject(message) : alertSubject(message),
    MessageStructure: 'json',
    MessageAttributes: {
      kind: { DataType: 'String', StringValue: message.kind },
      cause: { DataType: 'String.Array', StringValue: JSON.stringify(message.causes) },
    },
  };
}
