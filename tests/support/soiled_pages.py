"""The lists of the platform, and what is known of their pages where they are spoiled."""

from __future__ import annotations

from support.sound_pages import (
    ASSET_PAGES,
    FINDING_PAGES,
    GROUP_PAGES,
    HOST_PAGES,
    POLICY_PAGES,
    POSTURE_PAGES,
    POSTURES_PAGES,
    REPORT_PAGES,
    TAG_PAGES,
    TICKET_PAGES,
)
from support.spoilers import Soil

_GLOSSARIES = (
    *(b"<GLOSSARY>", b"</GLOSSARY>", b"<GLOSSARY/>", b"<HOST_LIST>", b"</HOST_LIST>", b"<INFO_LIST/>", b"<V>x</V>"),
    b"<GLOSSARY><HOST_LIST><HOST><ID>5</ID><IP>10.9.9.9</IP></HOST></HOST_LIST></GLOSSARY>",
    b"<GLOSSARY><INFO_LIST><INFO><ID>9</ID></INFO></INFO_LIST></GLOSSARY>",
    b"<GLOSSARY><GLOSSARY><HOST><ID>5</ID></HOST></GLOSSARY></GLOSSARY>",
    b"<CONTROL_LIST><CONTROL><ID>1071</ID><STATEMENT>other</STATEMENT></CONTROL></CONTROL_LIST>",
)
_OWNERS = (
    *(b"<POLICY>", b"</POLICY>", b"<POLICY/>", b"<POLICY><ID>4</ID></POLICY>", b"<ID>8</ID>", b"</POLICY><POLICY>"),
    b"<POLICY><INFO_LIST><INFO><ID>9</ID></INFO></INFO_LIST></POLICY>",
    b"<POLICY><ID> 5 </ID><GLOSSARY><HOST_LIST><HOST><ID>5</ID></HOST></HOST_LIST></GLOSSARY></POLICY>",
)
_POSTURE_LEAVES = ("ID", "HOST_ID", "CONTROL_ID", "TECHNOLOGY_ID", "STATUS", "POSTURE_MODIFIED_DATE", "LABEL", "V", "K")
HOSTS = Soil(
    HOST_PAGES,
    "HOST_LIST_VM_DETECTION_OUTPUT",
    "HOST_LIST",
    "HOST",
    ("ID", "LAST_SCAN_DATETIME", "LAST_PROCESSED_DATETIME", "LAST_UPDATE_DATETIME", "QID", "UNIQUE_VULN_ID", "IP"),
    (b"<DETECTION_LIST>", b"</DETECTION_LIST>"),
)
POLICIES = Soil(
    POLICY_PAGES, "POLICY_LIST_OUTPUT", "POLICY_LIST", "POLICY", ("ID", "TITLE", "DATETIME", "STATUS", "BY")
)
POSTURE = Soil(POSTURE_PAGES, "POSTURE_INFO_LIST_OUTPUT", "INFO_LIST", "INFO", _POSTURE_LEAVES, _GLOSSARIES)
POSTURES = Soil(
    POSTURES_PAGES, "POSTURE_INFO_LIST_OUTPUT", "INFO_LIST", "INFO", _POSTURE_LEAVES, (*_GLOSSARIES, *_OWNERS)
)
FINDINGS = Soil(
    FINDING_PAGES,
    "ServiceResponse",
    "data",
    "Finding",
    ("id", "qid", "type", "severity", "status", "lastTestedDate", "count", "hasMoreRecords", "name", "url"),
    (b"<list>", b"</list>", b"<webApp>", b"</webApp>", b"<hasMoreRecords>true</hasMoreRecords>", b"<lastId>7</lastId>"),
)
_PAGED = (b"<hasMoreRecords>true</hasMoreRecords>", b"<lastId>7</lastId>", b"<responseCode>OTHER_ERROR</responseCode>")
_LISTS = (b"<list>", b"</list>", b"<list/>", b"<data>", b"</data>")
TICKETS = Soil(
    TICKET_PAGES,
    "REMEDIATION_TICKETS",
    "TICKET_LIST",
    "TICKET",
    ("NUMBER", "DATETIME", "CREATION_DATETIME", "DUE_DATETIME", "CURRENT_STATE", "INVALID", "QID", "PORT", "IP", "NEW"),
    (
        *(b'<TRUNCATION last="7"/>', b'<TRUNCATION last="x">y</TRUNCATION>', b'<ERROR number="9">no</ERROR>'),
        *(
            b"<HISTORY_LIST>",
            b"</HISTORY_LIST>",
            b"<HISTORY/>",
            b"<HISTORY><DATETIME>9</DATETIME></HISTORY>",
            b"<HEADER>",
        ),
        *(b"</HEADER>", b"<VULNINFO/>", b"<DETECTION><IP>1</IP></DETECTION>", b"<STATE><OLD>CLOSED</OLD></STATE>"),
    ),
)
ASSETS = Soil(
    ASSET_PAGES,
    "ServiceResponse",
    "data",
    "HostAsset",
    ("id", "modified", "created", "port", "name", "qid", "hasMoreRecords", "lastId", "address", "instanceId"),
    (
        *_PAGED,
        *_LISTS,
        b"<openPort>",
        b"</openPort>",
        b"<software/>",
        b"<tags>9</tags>",
        b"<sourceInfo><list><a/></list>",
    ),
)
TAGS = Soil(
    TAG_PAGES,
    "ServiceResponse",
    "data",
    "Tag",
    ("id", "modified", "name", "parentTagId", "ruleText", "hasMoreRecords"),
    (*_PAGED, *_LISTS, b"<children>", b"</children>", b"<id/>"),
)
GROUPS = Soil(
    GROUP_PAGES,
    "ASSET_GROUP_LIST_OUTPUT",
    "ASSET_GROUP_LIST",
    "ASSET_GROUP",
    ("ID", "LAST_UPDATE", "TITLE", "OWNER_ID", "IP", "IP_RANGE", "DNS"),
    (b"<IP_SET>", b"</IP_SET>", b"<IP network_id='x'>1</IP>", b"<OWNER_USER_ID>4</OWNER_USER_ID>", b"<DOMAIN_LIST/>"),
)
REPORT = Soil(
    REPORT_PAGES,
    "ASSET_DATA_REPORT",
    "HOST_LIST",
    "HOST",
    ("IP", "HOST_ID", "QID", "LAST_FOUND", "GENERATION_DATETIME", "SEVERITY", "SECURITY_RISK", "CVSS_BASE", "PORT"),
    (
        *(b"<GLOSSARY>", b"</GLOSSARY>", b"<GLOSSARY/>", b"<VULN_DETAILS_LIST>", b"</VULN_DETAILS_LIST>", b"<HEADER/>"),
        b"<GLOSSARY><VULN_DETAILS_LIST><VULN_DETAILS id='qid_38170'/></VULN_DETAILS_LIST></GLOSSARY>",
        b"<GLOSSARY><GLOSSARY><VULN_DETAILS id='qid_1'><TITLE>x</TITLE></VULN_DETAILS></GLOSSARY></GLOSSARY>",
        *(
            b"<RISK_SCORE_PER_HOST>",
            b"</RISK_SCORE_PER_HOST>",
            b"<RISK_SCORE_PER_HOST/>",
            b"<HOSTS/>",
            b"<HOSTS>",
            b"</HOSTS>",
        ),
        b"<RISK_SCORE_PER_HOST><HOSTS><IP_ADDRESS>10.0.0.5</IP_ADDRESS><SECURITY_RISK>9</SECURITY_RISK></HOSTS>",
        b"<RISK_SCORE_PER_HOST><HOST_LIST><HOST><IP>1</IP></HOST></HOST_LIST><GLOSSARY><a><b/></a></GLOSSARY>",
        *(b"<VULN_INFO_LIST>", b"</VULN_INFO_LIST>", b"<VULN_INFO/>", b"<ERROR/>", b"<QID id=''>7</QID>"),
    ),
)
