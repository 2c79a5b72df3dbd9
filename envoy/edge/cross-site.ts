import type { Message } from '../json.ts';
import { httpFilter } from '../sidecar/listeners.ts';
import { repliesInEachForm } from '../sidecar/replies.ts';
import { expression } from '../sidecar/reply-filters.ts';
import { originMatchers } from './cors.ts';
import type { EdgeSettings } from './settings.ts';

const RBAC = 'envoy.filters.http.rbac';
const POLICY = 'cross_site';
const PERMISSION_DENIED = 7;

/** Methods that change nothing, which pages of other sites may send: they cannot read the answer (CORS). */
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * The filter that refuses requests that a page of another site makes a browser send, whatever their content type: CORS itself only
 * keeps such a page from reading the answer. Browsers add Origin and Sec-Fetch-Site, which pages cannot change. Clients without
 * these headers, such as curl and gRPC clients, pass.
 */
export function crossSiteFilter({ corsOrigins, hosts }: EdgeSettings): Message {
  const allowed = [...originMatchers(corsOrigins), ...hosts.filter((host) => host !== '*').map(pagesOf)];
  const hasOrigin = header('origin', { present_match: true });
  const fetchSite = (site: string) => header('sec-fetch-site', { string_match: { exact: site } });
  const foreign = [
    hasOrigin,
    not({ or_ids: { ids: allowed.map((string_match) => header('origin', { string_match })) } }),
    not(fetchSite('same-origin')),
  ];
  const anonymous = [not(hasOrigin), fetchSite('cross-site')];
  const safe = SAFE_METHODS.map((method) => header(':method', { string_match: { exact: method } }));
  return httpFilter(RBAC, 'envoy.extensions.filters.http.rbac.v3.RBAC', {
    rules: {
      action: 'DENY',
      policies: {
        [POLICY]: {
          permissions: [{ not_rule: { or_rules: { rules: safe } } }],
          principals: [foreign, anonymous].map((ids) => ({ and_ids: { ids } })),
        },
      },
    },
  });
}

/** The answers of the filter, in the form of each protocol. */
export function crossSiteReplies(): Message[] {
  return repliesInEachForm(expression(`response.code_details == "rbac_access_denied_matched_policy[${POLICY}]"`), {
    code: PERMISSION_DENIED,
    reason: 'CROSS_SITE',
    text: 'a page of another site must not send this request; CORS_ORIGINS names the sites that may',
  });
}

/** The origins of the pages that the edge serves under a host name, whatever the port. */
function pagesOf(host: string): Message {
  return { safe_regex: { regex: `https?://${host.replaceAll(/[.[\]]/g, String.raw`\$&`)}(:[0-9]+)?` } };
}

function header(name: string, match: Message): Message {
  return { header: { name, ...match } };
}

function not(id: Message): Message {
  return { not_id: id };
}
