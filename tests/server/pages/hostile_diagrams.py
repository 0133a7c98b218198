"""Sources of diagrams that would fetch, run, lead away or cover. `EVIL` is where nothing may be asked for."""

from __future__ import annotations

STYLED = """
%%{init: {"themeCSS": "@import url(EVIL/import); * { background: url(EVIL/style) !important } svg {
position: fixed !important; inset: 0; z-index: 99; width: 5000px !important; height: 5000px !important }"}}%%
flowchart LR
  A[First] --> B[Second]
"""
LABELLED = """
flowchart LR
  A["<img src='EVIL/image' onerror='ran()'>First"] --> B["<iframe src='EVIL/frame'></iframe>Second"]
  click A href "javascript:ran()"
  click B call ran()
  C[Third] --> D@{ img: "EVIL/shape", label: "Fourth", w: 60, h: 60 }
  click C href "EVIL/link" _top
  classDef x fill:url(EVIL/fill),background:url(EVIL/class)
  class B x
"""
SAID = """
%%{init: {"fontFamily": "x;} @import url(EVIL/font); @font-face { src: url(EVIL/face)",
"themeVariables": {"primaryColor": "url(EVIL/colour)", "lineColor": "red;} * { background: url(EVIL/line) } x {"}}}%%
sequenceDiagram
  participant A as First
  link A: Away @ EVIL/away
  links A: {"Run": "javascript:ran()"}
  A->>B: <script>ran()</script><style>* { background: url(EVIL/message) }</style>
"""
CALLED = """
classDiagram
  class First
  link First "javascript:ran()"
  class Second
  callback Second "ran"
"""
LOOSE = """
---
config:
  securityLevel: loose
  htmlLabels: true
  secure: []
  dompurifyConfig: {ADD_TAGS: [script, base, meta]}
---
flowchart LR
  A["<meta http-equiv=refresh content='0;url=EVIL/refresh'><base href=EVIL><a href='EVIL/anchor'>First</a>"]
"""
HOSTILE = tuple(text.strip() for text in (STYLED, LABELLED, SAID, CALLED, LOOSE))
