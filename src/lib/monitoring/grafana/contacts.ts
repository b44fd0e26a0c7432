import * as alerting from '@grafana/grafana-foundation-sdk/alerting';
import type { Severity } from '../../slo/burn-rate.js';
import { stableUid } from '../dashboards/context.js';
import { FromEnvironment } from './document.js';

/** Ways to reach somebody; what is secret about them is in the environment of Grafana. */
export interface ContactWays {
  /** Channels of Slack. */
  readonly slack: readonly string[];
  readonly email: readonly string[];
  readonly pagerduty: boolean;
}

/** Who hears of alerts: of all, and besides of those of one severity. */
export interface Contacts extends ContactWays {
  readonly page: ContactWays | undefined;
  readonly ticket: ContactWays | undefined;
}

/** Variables that Grafana itself has to have, by what needs them. */
export const grafanaEnvironment = { slack: 'MLOPS_SLACK_URL', pagerduty: 'MLOPS_PAGERDUTY_KEY' } as const;

/** From the label of the rule: PagerDuty knows critical, error, warning and info, and a ticket is to wake nobody up. */
const pagerDutySeverity = '{{ if eq .CommonLabels.severity "page" }}critical{{ else }}warning{{ end }}';

const severities: readonly Severity[] = ['page', 'ticket'];

export function hasContacts(contacts: Contacts): boolean {
  return contactWays(contacts).some(isReachable);
}

/** All ways together, for what they need from the environment. */
export function contactWays({ page, ticket, ...all }: Contacts): ContactWays[] {
  return [all, ...[page, ticket].filter((ways) => ways !== undefined)];
}

/**
 * The contact point of a severity; undefined where nobody is to be told. One of the project's name serves both unless one
 * of them has contacts of its own.
 */
export function contactPointOf(project: string, contacts: Contacts, severity: Severity): string | undefined {
  if (!isReachable(waysOf(contacts, severity))) return undefined;
  return isSplit(contacts) ? `${project}-${severity}` : project;
}

/** The contact points of a project, with a receiver for each way. */
export function contactPointsDocument(project: string, contacts: Contacts): object {
  const points = isSplit(contacts)
    ? severities.map((severity) => contactPoint(`${project}-${severity}`, waysOf(contacts, severity)))
    : [contactPoint(project, contacts)];
  return { apiVersion: 1, contactPoints: points.filter(({ receivers }) => receivers.length > 0) };
}

function contactPoint(name: string, ways: ContactWays) {
  const receivers: alerting.ContactPoint[] = [];
  const receiver = (type: 'slack' | 'email' | 'pagerduty', settings: object, uid: string = type) =>
    receivers.push(new alerting.ContactPointBuilder().uid(stableUid(name, uid)).type(type).settings(settings).build());
  for (const [index, recipient] of ways.slack.entries()) {
    const uid = index === 0 ? 'slack' : `slack-${index + 1}`;
    receiver('slack', { recipient, url: new FromEnvironment(grafanaEnvironment.slack) }, uid);
  }
  if (ways.email.length > 0) receiver('email', { addresses: ways.email.join(';'), singleEmail: false });
  if (ways.pagerduty) {
    const integrationKey = new FromEnvironment(grafanaEnvironment.pagerduty);
    receiver('pagerduty', { integrationKey, severity: pagerDutySeverity });
  }
  return { orgId: 1, name, receivers };
}

/**
 * The whole tree of notification policies of the organisation, with one route for each severity that somebody hears of:
 * alerts of this project to its contacts. What no route takes goes where tickets go.
 */
export function policiesDocument(project: string, contacts: Contacts): object {
  const routes = severities.flatMap((severity) => {
    const receiver = contactPointOf(project, contacts, severity);
    return receiver === undefined ? [] : [{ severity, receiver }];
  });
  const isOne = new Set(routes.map(({ receiver }) => receiver)).size === 1 && routes.length === severities.length;
  const built = (isOne ? routes.slice(0, 1) : routes).map(({ severity, receiver }) =>
    new alerting.NotificationPolicyBuilder()
      .receiver(receiver)
      .objectMatchers([['service', '=', project], ...(isOne ? [] : [['severity', '=', severity]])])
      .groupBy(['grafana_folder', 'alertname', 'slo']),
  );
  const tree = new alerting.NotificationPolicyBuilder()
    .receiver(routes.at(-1)?.receiver ?? project)
    .groupBy(['grafana_folder', 'alertname'])
    .groupWait('30s')
    .groupInterval('5m')
    .repeatInterval('4h')
    .routes(built)
    .build();
  return { apiVersion: 1, policies: [{ orgId: 1, ...tree }] };
}

function isSplit({ page, ticket }: Contacts): boolean {
  return page !== undefined || ticket !== undefined;
}

function waysOf(contacts: Contacts, severity: Severity): ContactWays {
  const own = contacts[severity];
  return {
    slack: [...new Set([...contacts.slack, ...(own?.slack ?? [])])],
    email: [...new Set([...contacts.email, ...(own?.email ?? [])])],
    pagerduty: contacts.pagerduty || own?.pagerduty === true,
  };
}

function isReachable({ slack, email, pagerduty }: ContactWays): boolean {
  return slack.length > 0 || email.length > 0 || pagerduty;
}
