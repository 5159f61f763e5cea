/* Copyright (C) 2026 The gst-cpac authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/report/page-private.h"

/* Colours of core/plot.h are changed where the page is dark; each has a contrast of at least 3 to
 * its ground, text of at least 4.5. */
const char cpac_report_style[] =
    ":root{color-scheme:light dark;--paper:#ffffff;--ink:#1c1f23;--soft:#565d66;--line:#c9ced4;"
    "--card:#f5f6f8;--grid:#dddddd;--blue:#0072b2;--red:#b84300;--amber:#9a6a00;--gray:#6b7178;"
    "--warn:#fff2e5;--hatch:#ffffff}\n"
    "@media(prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e8eaed;--soft:#aab1b9;"
    "--line:#454c54;--card:#1d2125;--grid:#343a40;--blue:#56b4e9;--red:#ff8a4c;--amber:#e69f00;"
    "--gray:#9299a1;--warn:#3a2413;--hatch:#14171a}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;padding:1rem;max-width:60rem;background:var(--paper);color:var(--ink);"
    "font:1rem/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.5rem;line-height:1.3;margin:.5rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem;"
    "border-bottom:1px solid var(--line)}\n"
    "p,li{max-width:46rem}.lead{font-size:1.15rem}.soft,figcaption{color:var(--soft)}\n"
    ".warnings{background:var(--warn);border-left:.4rem solid var(--red);padding:.5rem 1rem .5rem "
    "2rem}\n"
    ".scroll{overflow-x:auto}figure{margin:1rem 0}\n"
    "svg{display:block;width:100%;min-width:38rem;height:auto}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;"
    "border-bottom:1px solid var(--line)}td.n,th.n{text-align:right}\n"
    "code{font-size:.875em;overflow-wrap:anywhere}td.id{overflow-wrap:anywhere;min-width:6rem}td>"
    "code{display:block;min-width:12rem}\n"
    "img{display:block;max-width:12rem;max-height:12rem;image-rendering:auto;margin:.2rem 0}\n"
    ".pictures{display:flex;gap:.5rem}\n"
    "svg [fill=\"white\"]{fill:var(--paper)}svg [stroke=\"white\"]{stroke:var(--hatch)}\n"
    "svg [fill=\"#222222\"]{fill:var(--ink)}svg [stroke=\"#222222\"]{stroke:var(--ink)}\n"
    "svg [fill=\"#767676\"]{fill:var(--gray)}svg [stroke=\"#767676\"]{stroke:var(--gray)}\n"
    "svg [stroke=\"#dddddd\"]{stroke:var(--grid)}\n"
    "svg [fill=\"#0072b2\"]{fill:var(--blue)}svg [stroke=\"#0072b2\"]{stroke:var(--blue)}\n"
    "svg [fill=\"#d55e00\"]{fill:var(--red)}svg [fill=\"#e69f00\"]{fill:var(--amber)}\n"
    "@media print{body{max-width:none}figure,tr{break-inside:avoid}}\n";
