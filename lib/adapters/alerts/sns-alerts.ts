import { PublishCommand, type PublishCommandInput, type SNSClient } from '@aws-sdk/client-sns';
import { type Alert, withShorterLists } from '../../claims/alert.ts';
import { type AlertDigest, shortened } from '../../claims/alert-digest.ts';
import type { Alerts } from '../../ports/alerts.ts';
import { alertSubject, alertText } from './alert-text.ts';
import { digestSubject, digestText } from './digest-text.ts';

/**
 * The longest message, in bytes. SNS accepts 262,144 bytes of message and attributes (Amazon SNS quotas). The
 * difference is for the attributes.
 */
const LONGEST_MESSAGE = 250_000;

/** Publishes alerts to a topic, as text for email and as JSON for all other subscribers. */
export class SnsAlerts implements Alerts {
  readonly #client: SNSClient;
  readonly #topic: string;
  readonly #runbooks: string | undefined;

  /** @param runbooks the address at which readers find docs/alerts.md. */
  constructor(client: SNSClient, topic: string, runbooks?: string) {
    this.#client = client;
    this.#topic = topic;
    this.#runbooks = runbooks;
  }

  /**
   * Publishes the message.
   * @throws the SDK's errors. The message may not have been published then, so publish it again.
   */
  async publish(message: Alert | AlertDigest): Promise<void> {
    const content = message.kind === 'digest' ? digestContent(message, this.#runbooks) : alertContent(message);
    await this.#client.send(new PublishCommand({ TopicArn: this.#topic, ...content, ...attributesOf(message) }));
  }
}

type Content = Pick<PublishCommandInput, 'Message'>;

function digestContent(digest: AlertDigest, runbooks: string | undefined): Content {
  return fitting(digest, (each) => contentOf(each, digestText(each, runbooks)), shortened);
}

function alertContent(alert: Alert): Content {
  return fitting(alert, (each) => contentOf(each, alertText(each)), withShorterLists);
}

/** Returns the content of the message, shortened so that SNS accepts it. */
function fitting<T>(
  message: T,
  contentFor: (message: T) => { readonly Message: string },
  shorter: (message: T) => T,
): Content {
  const content = contentFor(message);
  if (Buffer.byteLength(content.Message) <= LONGEST_MESSAGE) return content;
  const less = shorter(message);
  return less === message ? content : fitting(less, contentFor, shorter);
}

function contentOf(message: Alert | AlertDigest, email: string): { readonly Message: string } {
  return { Message: JSON.stringify({ default: JSON.stringify(message), email }) };
}

/**
 * Returns the attributes of the message. Filter policies of subscriptions can select messages by `kind` and `cause`.
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
