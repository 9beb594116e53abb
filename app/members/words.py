"""What a relation and a role are called, as message ids."""

from app.kit.messages import N_
from app.members.tables import Purpose, Relation, Role

RELATION_WORDS = {
    Relation.LOTGENOOT: N_("fellow patient"),
    Relation.BEING_EXAMINED: N_("being examined"),
    Relation.NAASTE: N_("someone close"),
    Relation.PARENT: N_("parent or carer"),
}
ROLE_WORDS = {
    Role.MODERATOR: N_("moderator"),
    Role.ADMINISTRATOR: N_("administrator"),
    Role.GREETER: N_("welcomes new members"),
    Role.CONTACT_PERSON: N_("contact person"),
    Role.GROUP_LEADER: N_("leader of a talk group"),
}
PURPOSE_WORDS = {
    Purpose.KEEP_HEALTH: N_("The café keeps what I write about my health."),
    Purpose.SHOW_POSTS: N_("Other members see my posts."),
    Purpose.HOUSE_RULES: N_("I keep to the house rules."),
    Purpose.AGE: N_("I am 16 or older."),
}
