"""How people of the register are shown; loaded with `{% load people %}`."""

from django import template

from habitat.lib.curp import mask
from projects import services
from projects.querysets.people import reads_register

register = template.Library()
register.filter("masked", mask)
register.filter("hours", services.in_hours)
register.filter("reads_register", reads_register)
