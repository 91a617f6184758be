/** The frame of every page: head, landmarks, navigation, footer. */
import { escapeHtml } from "../tables";

export interface PageLink {
  href: string;
  title: string;
}

export interface PageParts {
  title: string;
  description: string;
  /** Inside `<main>`. */
  body: string;
  /** All pages, for the navigation; the one at `current` is this page. */
  pages: readonly PageLink[];
  current: string;
  footer: string;
}

/** Only the report's own files, from the web or from a disk; nothing from another host. */
const contentPolicy =
  "default-src 'self' file: data:; script-src 'self' file: 'unsafe-eval'; style-src 'self' file: 'unsafe-inline'";

/** A complete HTML document. */
export function pageHtml({ title, description, body, pages, current, footer }: PageParts): string {
  const items = pages.map(({ href, title: text }) => {
    const here = href === current ? ' aria-current="page"' : "";
    return `<li><a href="${escapeHtml(href)}"${here}>${escapeHtml(text)}</a></li>`;
  });
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="signalbook">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">
<meta name="description" content="${escapeHtml(description)}">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="assets/report.css">
<script src="assets/report.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="site">
<a class="brand" href="index.html">signalbook</a>
<nav aria-label="Notebooks"><ul class="links">
${items.join("\n")}
</ul></nav>
</header>
<main id="content">
${body}
</main>
<footer class="site">${footer}</footer>
</body>
</html>
`;
}
