/**
 * What the classes of our errors are told apart by, each by its own: a bundle may rename classes, and two bundles have two
 * of each. An error's name ends in `Error`, its code says the rest.
 */
export type ErrorCode =
  | 'aws'
  | 'bookmarks'
  | 'claim-contention'
  | 'claims-not-settled'
  | 'command'
  | 'config'
  | 'counted-group'
  | 'cursor'
  | 'faulty-items'
  | 'gzip'
  | 'input'
  | 'invocation'
  | 'item-refused'
  | 'item-unreadable'
  | 'key-size'
  | 'kubeconfig'
  | 'local'
  | 'lookup'
  | 'position'
  | 'question'
  | 'queue'
  | 'reader-gone'
  | 'record-contention'
  | 'trusted-proxy'
  | 'unanswered'
  | 'unprocessed-items'
  | 'unreadable-file'
  | 'username-template'
  | 'whois-question';
