"""The world as a grid of tiles, one a country or territory (ISO 3166-1 alpha-2), `..` is sea.

Made by `scripts/world_tiles.py`, which says how; change it there. Where countries lie is from
Natural Earth (public domain). Where nobody lives for good is no tile: AQ, BV, GS, HM, IO, TF, UM.
"""

from typing import Final

GRID: Final = """
.. .. .. .. .. .. .. .. .. .. .. .. .. SJ .. .. .. .. .. .. .. .. .. ..
.. .. .. .. .. .. .. GL .. IS FO .. .. NO SE FI .. .. .. .. .. .. .. ..
.. .. .. .. .. .. .. .. .. .. IM .. .. .. AX EE .. .. .. .. .. .. .. ..
.. .. .. .. .. .. .. .. .. IE GB .. .. .. LT LV .. .. .. .. .. .. .. ..
.. .. .. .. .. .. .. .. .. GG NL DK CZ SK PL BY UA RU .. .. .. .. .. ..
.. .. .. .. .. .. .. .. .. JE BE DE AT HR HU RO MD .. KZ .. .. .. .. ..
.. .. .. .. .. PM .. .. .. LU CH LI SI BA RS BG GE .. UZ KG MN .. .. ..
.. CA .. .. .. .. .. .. .. FR MC IT SM ME MK TR AM AZ TM TJ .. KP .. ..
.. US .. .. BM .. .. .. PT ES AD .. VA AL GR LB SY IR AF NP CN KR .. ..
.. .. CU BS VG AI MF .. .. GI MA .. .. MT CY PS IQ .. PK BT MO HK JP ..
MX BZ KY TC PR SX BL AG .. CV EH .. TN .. IL JO KW BH IN BD LA TW .. ..
GT HN JM HT VI KN MS GP .. GM SN MR DZ LY EG .. SA QA AE MM VN PH MP ..
.. SV NI DO BQ MQ DM BB .. GW GN ML BJ NE TD SD ER YE OM TH KH BN GU ..
.. .. CR AW VC GD LC SR .. SL CI BF TG NG CF SS ET DJ MV LK MY PW FM MH
.. .. .. PA CW TT GY GF .. .. LR GH GQ CM .. UG KE SO .. SG ID PG NR KI
.. .. .. EC CO VE BR .. .. .. .. ST GA CG CD RW .. .. .. CC CX TL TV ..
.. .. .. .. PE BO PY .. .. .. .. SH .. AO BI TZ KM SC .. .. .. SB WF TK
.. .. .. .. CL AR UY .. .. .. .. .. .. .. ZM MW YT MU .. .. .. VU WS AS
.. .. .. .. .. FK .. .. .. .. .. .. NA BW ZW MZ MG RE .. .. AU FJ NU PF
.. .. .. .. .. .. .. .. .. .. .. .. .. ZA SZ .. .. .. .. .. .. NC TO CK
.. .. .. .. .. .. .. .. .. .. .. .. .. .. LS .. .. .. .. .. .. NF NZ PN
"""
"""Rows from north to south, tiles from west to east, parted by spaces."""
