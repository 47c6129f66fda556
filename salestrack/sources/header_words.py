"""What exports call the canonical columns and tables: by these words `new_book` proposes a mapping.

Three spellings of each name meet here: the API's, the label on the screen, and the warehouse's. They are compared without case,
spaces and punctuation, in order of preference. Nothing is mapped by these words when a book is opened: only a proposal is
written, for people to read. A preset of one CRM is another thing, a mapping that holds without reading; presets get
a folder beside this file.
"""

# What file names contain, by table.
FILE_WORDS: dict[str, tuple[str, ...]] = {
    "stage_history": ("stagehistory", "opportunityhistory", "dealstage", "history"),
    "opportunities": ("opportunit", "deal", "pipeline", "crmlead"),
    "leads": ("lead", "contact"),
    "activities": ("activit", "task", "event", "engagement", "meeting", "call"),
    "reps": ("rep", "user", "owner", "agent", "salesteam", "team", "employee"),
    "accounts": ("account", "compan", "organi", "customer", "partner"),
    "quotas": ("quota", "target", "goal"),
    "territories": ("territor", "region"),
    "time_off": ("timeoff", "absence", "vacation", "leave"),
}

_OWNER = (
    "repid",
    "ownerid",
    "hubspotownerid",
    "userid",
    "salesrepid",
    "owner",
    "dealowner",
    "salesagent",
    "salesrep",
    "rep",
    "assignedtouser",
)
_ACCOUNT = (
    "accountid",
    "orgid",
    "companyid",
    "associatedcompanyids",
    "partnerid",
    "customerid",
    "organization",
    "associatedcompany",
    "account",
    "company",
    "customer",
)
_DEAL = ("opportunityid", "dealid", "whatid", "opportunity", "deal")
_TERRITORY = ("territoryid", "territory2id", "territory", "region", "regionaloffice", "salesterritory")
_STAGE = ("stagename", "stage", "dealstage", "stageid", "tostage", "salesstage")
_SOURCE = ("leadsource", "source", "hsanalyticssource", "sourcename", "sourceid", "sourcechannel", "channel")
_CREATED = (
    "createddate",
    "createdate",
    "createdat",
    "addtime",
    "creationdate",
    "dealcreated",
    "dateentered",
    "created",
    "startdate",
    "engagedate",
    "opendate",
)
_SEGMENT = ("segment", "customersegment", "accountsegment", "marketsegment", "size")
_END = ("closedate", "closedat", "dateclosed", "closetime", "closed", "expectedclosedate", "datedeadline", "enddate")

# What columns are called, by table and canonical column.
COLUMN_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "opportunities": {
        "opportunity_id": ("opportunityid", "dealid", "recordid", "hsobjectid", "id", "pipedrivesystemid"),
        "name": ("name", "dealname", "opportunityname", "title"),
        "account_id": _ACCOUNT,
        "rep_id": _OWNER,
        "lead_id": ("leadid",),
        "territory_id": _TERRITORY,
        "pipeline": (
            "pipeline",
            "pipelineid",
            "pipelinename",
            "dealpipeline",
            "salesprocess",
            "process",
            "recordtype",
            "recordtypeid",
        ),
        "segment": _SEGMENT,
        "source": _SOURCE,
        "product": ("product", "productname", "productfamily"),
        "type": ("type", "dealtype", "opportunitytype"),
        "amount": ("amount", "value", "dealvalue", "closevalue", "expectedrevenue", "amountinhomecurrency", "price"),
        "currency": ("currency", "currencyisocode", "dealcurrencycode", "currencyofvalue"),
        "created_date": _CREATED,
        "close_date": _END,
        "stage": _STAGE,
        "lost_reason": ("lostreason", "closedlostreason", "lossreason", "lostreasonid"),
        "probability": ("probability", "hsdealstageprobability", "dealprobability"),
        "next_step": ("nextstep", "hsnextstep"),
    },
    "stage_history": {
        "opportunity_id": (*_DEAL, "itemid"),
        "stage": (*_STAGE, "newvalue", "value"),
        "entered_at": ("enteredat", "dateentered", "createddate", "logtime", "timestamp", "changedat", "date"),
        "amount": ("amount",),
        "close_date": ("closedate", "expectedclosedate"),
    },
    "leads": {
        "lead_id": ("leadid", "id", "hsobjectid", "recordid"),
        "source": _SOURCE,
        "segment": _SEGMENT,
        "rep_id": _OWNER,
        "territory_id": _TERRITORY,
        "created_at": _CREATED,
        "marketing_qualified_at": ("marketingqualifiedat", "mqlat", "mqldate", "hslifecyclestagemarketingqualifiedleaddate"),
        "sales_qualified_at": ("salesqualifiedat", "sqlat", "sqldate", "hslifecyclestagesalesqualifiedleaddate", "dateconversion"),
        "first_response_at": ("firstresponseat", "firsttouchat", "firstcontactat"),
        "converted_at": ("convertedat", "converteddate"),
        "opportunity_id": ("opportunityid", "convertedopportunityid", "dealid"),
        "disqualified_at": ("disqualifiedat", "disqualifieddate"),
        "reason": ("disqualifiedreason", "reason"),
    },
    "activities": {
        "activity_id": ("activityid", "taskid", "eventid", "id", "hsobjectid", "pipedrivesystemid"),
        "rep_id": _OWNER,
        "category": ("category", "activitycategory"),
        "type": ("activitytype", "type", "tasksubtype", "engagementtype", "hsactivitytype"),
        "started_at": (
            "startedat",
            "startdatetime",
            "hstimestamp",
            "completeddatetime",
            "activitydate",
            "markedasdonetime",
            "duedate",
            "date",
        ),
        "minutes": ("minutes", "durationinminutes", "durationmin", "duration"),
        "opportunity_id": _DEAL,
        "lead_id": ("leadid", "whoid"),
        "account_id": _ACCOUNT,
        "outcome": ("outcome", "hsmeetingoutcome", "status", "calldisposition"),
    },
    "reps": {
        "rep_id": ("repid", "userid", "ownerid", "salesagent", "salesrep", "agent", "rep", "id", "email"),
        "name": ("name", "fullname", "repname", "ownername", "salesagent", "salesrep", "agent", "email"),
        "team": ("team", "teamname", "salesteam", "department", "group", "manager"),
        "manager_id": ("managerid", "manager", "reportsto"),
        "territory_id": _TERRITORY,
        "role": ("role", "userroleid", "title", "jobtitle"),
        "hired_date": ("hireddate", "hiredate", "startdate", "joineddate"),
        "left_date": ("leftdate", "leavedate", "terminationdate"),
    },
    "accounts": {
        "account_id": (
            "accountid",
            "companyid",
            "orgid",
            "id",
            "recordid",
            "hsobjectid",
            "account",
            "company",
            "organization",
            "name",
        ),
        "name": ("name", "accountname", "companyname", "account", "company", "organization"),
        "segment": _SEGMENT,
        "industry": ("industry", "sector"),
        "territory_id": _TERRITORY,
        "rep_id": _OWNER,
        "potential": ("potential", "annualpotential", "yearlypotential"),
    },
    "quotas": {
        "rep_id": ("repid", "quotaownerid", "ownerid", "userid", "salesagent", "rep", "hubspotownerid"),
        "team": ("team", "teamname"),
        "territory_id": _TERRITORY,
        "start_date": ("startdate", "from", "periodstart", "hsstartdatetime"),
        "end_date": ("enddate", "to", "until", "periodend", "hsenddatetime"),
        "amount": ("amount", "quota", "quotaamount", "target", "hstargetamount"),
    },
    "territories": {
        "territory_id": ("territoryid", "territory2id", "id", "territory", "region"),
        "name": ("name", "territoryname", "territory", "region"),
        "parent_id": ("parentid", "parentterritory2id", "parentterritory"),
        "capacity": ("capacity", "capacityhours"),
    },
    "time_off": {
        "rep_id": ("repid", "employeeid", "userid", "rep", "employee"),
        "start_date": ("startdate", "from", "firstday", "start"),
        "end_date": ("enddate", "to", "until", "lastday", "end"),
        "hours": ("hours", "hoursperday"),
    },
}

# Parts of stage names, in the order in which deals usually pass through them.
STAGE_ORDER: tuple[str, ...] = (
    "prospect",
    "new",
    "lead",
    "qualif",
    "engag",
    "discover",
    "appointment",
    "needs",
    "demo",
    "value",
    "present",
    "decision",
)
STAGE_ORDER += ("perception", "proposal", "quot", "contract", "negotiat", "commit", "verbal")
WON_WORDS = ("closedwon", "won", "gewonnen", "수주", "성사")
LOST_WORDS = ("closedlost", "lost", "verloren", "disqualified", "abandoned", "실주")

# Parts of activity types, by category.
TYPE_WORDS: dict[str, tuple[str, ...]] = {
    "internal_meeting": ("internal", "team meeting", "standup", "one on one", "1:1"),
    "in_person_client": ("site visit", "on-site", "onsite", "in person", "in-person", "visit", "lunch", "dinner"),
    "digital_client": ("call", "email", "e-mail", "demo", "video", "web", "chat", "linkedin", "sms"),
    "travel": ("travel", "drive", "flight"),
    "training": ("training", "course", "onboarding", "coaching"),
    "preparation": ("prep", "research"),
    "admin": ("admin", "crm update", "data entry", "expense", "report"),
}
